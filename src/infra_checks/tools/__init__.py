"""Other tools beside us: checkov and cfn-lint run in processes of their own, and what they find joins the report."""
