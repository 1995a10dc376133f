"""Analysis of IAM policies: what a policy allows, decided; knows nothing of CloudFormation."""
