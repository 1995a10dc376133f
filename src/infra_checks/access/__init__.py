"""From the resources of a stack to IAM policies: which documents there are, what they protect, who holds them."""
