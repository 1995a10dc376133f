"""Policy checks for CloudFormation, before and after deployment."""
