"""SAM templates: serverless resources to the CloudFormation resources that AWS makes of them.

AWS: "Generated CloudFormation resources for AWS SAM" and the resource reference of the SAM developer guide
(https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/). Everything works on nodes, so that
each generated value keeps the place of what it was generated from. What is not expanded is a value with the reason.
"""
