"""The codes of problems, with what to do about each.

`AWS` are issue codes of Access Analyzer
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html), `OWN` are ours.
`LEFT_OUT` are issue codes that no check gives, and why.
"""

from __future__ import annotations

from typing import Final

AWS: Final = {
    "ERROR": """
ARN_ACCOUNT_NOT_ALLOWED Leave the account of the ARN empty.
ARN_REGION_NOT_ALLOWED Leave the Region of the ARN empty.
DATA_TYPE_MISMATCH Write a value of the expected type.
DUPLICATE_KEYS_WITH_DIFFERENT_CASE Write the key once, with all its values.
FEDERATED_PRINCIPAL_NOT_SUPPORTED Name accounts, roles or services; identity providers belong in role trust policies.
INVALID_ARN_ACCOUNT Write the 12 digits of the account.
INVALID_ARN_PREFIX Begin with `arn:`, or write `*` for every resource.
INVALID_ARN_REGION Write a Region such as `eu-west-1`.
INVALID_ARN_RESOURCE Write the ARN as the Service Authorization Reference gives it for the resource type.
INVALID_ARN_SERVICE_CASE Write the service in lower case.
INVALID_CONDITION_DATA_TYPE Write all values of the key as texts.
INVALID_CONDITION_KEY_FORMAT Write the key as `service:name`.
INVALID_CONDITION_MULTIPLE_BOOLEAN Give the key one value.
INVALID_CONDITION_OPERATOR Use an operator of the IAM policy language.
INVALID_EFFECT Write `Allow` or `Deny`.
INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY Write the ARN of the provider in IAM, or its domain name.
INVALID_GLOBAL_CONDITION_KEY Use a global condition key that exists.
INVALID_KMS_KEY_VALUE Write the ARN of the key.
INVALID_PARTITION Write `aws`, `aws-cn`, `aws-us-gov` or `${AWS::Partition}`.
INVALID_POLICY_ELEMENT Remove the element or correct its name.
INVALID_PRINCIPAL_FORMAT Write an account, the ARN of a role or user, or `*`, under the key for its kind.
INVALID_PRINCIPAL_KEY Use AWS, Service, Federated or CanonicalUser.
INVALID_REGION Write a Region such as `eu-west-1`.
INVALID_SERVICE Use the prefix of a service that exists.
INVALID_SERVICE_CONDITION_KEY Use a condition key that the service has.
INVALID_SERVICE_IN_ACTION Use the prefix of a service that exists.
INVALID_SERVICE_PRINCIPAL_FORMAT Write `service.amazonaws.com` in lower case.
INVALID_VARIABLE_FOR_OPERATOR Use a String or Arn operator, or a fixed value.
INVALID_VERSION Write `2012-10-17`.
INVALID_VPCE_FORMAT Write `vpce-` and 8 or 17 characters.
INVALID_VPC_FORMAT Write `vpc-` and 8 or 17 characters.
JSON_SYNTAX_ERROR Write the policy as one JSON object.
MISMATCHED_ACTION_FOR_PRINCIPAL Use AssumeRoleWithSAML for SAML, AssumeRoleWithWebIdentity for OIDC, else AssumeRole.
MISSING_ACTION Add Action.
MISSING_ACTION_FOR_CONDITION_KEY Add the action that sets the key.
MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY Allow sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession.
MISSING_ARN_ACCOUNT Write the account, `*` or `${AWS::AccountId}`.
MISSING_ARN_FIELD Write `arn:partition:service:region:account:resource`; fields that are not used stay empty.
MISSING_ARN_REGION Write the Region, `*` or `${AWS::Region}`.
MISSING_BRACE_IN_VARIABLE Close the variable with `}`.
MISSING_EFFECT Add Effect.
MISSING_PRINCIPAL Add Principal.
MISSING_QUALIFIER Put `ForAnyValue:` or `ForAllValues:` before the operator.
MISSING_QUOTE_IN_VARIABLE Put the default between single quotes.
MISSING_RESOURCE Add Resource.
MISSING_STATEMENT Add a statement.
MISSING_TAG_KEY_IN_CONDITION Add a slash and the key of the tag.
NULL_WITH_IF_EXISTS Leave IfExists out.
POLICY_SIZE_EXCEEDS_RCP_QUOTA Split the policy.
POLICY_SIZE_EXCEEDS_SCP_QUOTA Split the policy.
PRIVATE_IP_ADDRESS Use public addresses, or aws:VpcSourceIp with aws:SourceVpc for private ones.
PRIVATE_NOT_IP_ADDRESS Use public addresses, or aws:VpcSourceIp with aws:SourceVpc for private ones.
RCP_SYNTAX_ERROR_ACTION Use actions of services that support resource control policies.
RCP_SYNTAX_ERROR_ALLOW Write Deny; the policy RCPFullAWSAccess, which is always attached, allows everything else.
RCP_SYNTAX_ERROR_NOTACTION Use Action.
RCP_SYNTAX_ERROR_PRINCIPAL Write `"Principal": "*"` and use conditions on the principal.
ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL Use Principal.
ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE Remove the element; a trust policy is about the role that has it.
ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL Name who may assume the role.
SCP_SYNTAX_ERROR_PRINCIPAL Remove the element; use aws:PrincipalArn in Condition.
TYPE_MISMATCH_IP_RANGE Write an address or a range such as `203.0.113.0/24`.
UNIQUE_SIDS_REQUIRED Give each statement its own Sid.
UNSUPPORTED_ACTION_FOR_CONDITION_KEY Move the actions to a statement without the key.
UNSUPPORTED_ACTION_IN_POLICY Use actions of the resource that has the policy.
UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL Use aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.
UNSUPPORTED_ELEMENT_COMBINATION Keep one of the two.
UNSUPPORTED_PRINCIPAL Remove the element; the policy is about the identities that have it.
UNSUPPORTED_RESOURCE_ARN_IN_POLICY Use ARNs of the resource that has the policy.
UNSUPPORTED_SID Use only letters and digits.
UNSUPPORTED_SPACE_IN_VARIABLE Remove the space.
UNSUPPORTED_WILDCARD_IN_PRINCIPAL Name the principal in full, or use `*` and a condition on aws:PrincipalArn.
VARIABLE_UNSUPPORTED_IN_ELEMENT Use variables in Resource and Condition only.
VARIABLE_UNSUPPORTED_IN_VERSION Write `"Version": "2012-10-17"`.
EMPTY_VARIABLE Name a condition key in the braces, or remove them.
WILDCARD_USAGE_TOO_PERMISSIVE List the values.
""",
    "SECURITY_WARNING": """
ALLOW_WITH_NOT_PRINCIPAL Use Principal, and a statement that denies for exceptions.
DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE List the actions to deny in Action.
DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE Deny these actions in a statement without the key.
DYNAMODB_ATTRIBUTES_WITHOUT_SELECT Add `"StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}`.
FORALLVALUES_WITH_SINGLE_VALUED_KEY Remove `ForAllValues:`.
FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE Remove `ForAnyValue:`.
MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL Add conditions on keys of the provider, such as its `:aud` and `:sub`.
MISSING_GITHUB_REPO_CONDITION_KEY Add a condition on token.actions.githubusercontent.com:sub with repository and branch.
MISSING_PAIRED_CONDITION_KEYS Add the other key to the same condition.
PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE Allow iam:PassRole in a statement of its own, on the ARNs of roles.
PASS_ROLE_WITH_NOT_RESOURCE List the ARNs of the roles in Resource.
PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE Allow iam:PassRole in a statement of its own, on the ARNs of roles.
PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE List the actions, and the ARNs of the roles for iam:PassRole.
PASS_ROLE_WITH_STAR_IN_RESOURCE List the ARNs of the roles, or add a condition on iam:PassedToService.
PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION Add iam:PassRole to NotAction, and allow it on the ARNs of roles.
RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL Add a condition on aws:SourceArn or aws:SourceAccount.
S3_PREFIX_IN_NEGATIVE_CONTEXT Use s3:prefix with StringLike in an Allow, or with StringNotLike in a Deny.
STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS Use the Arn operator.
UNTRUSTWORTHY_CONDITION_KEY Use a key that the caller cannot choose.
""",
    "WARNING": """
CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE Allow iam:CreateServiceLinkedRole in a statement of its own.
CREATE_SLR_WITH_NOT_RESOURCE List the ARNs of the service-linked roles in Resource.
CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE Allow iam:CreateServiceLinkedRole in a statement of its own.
CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE List the actions, and the ARNs of the service-linked roles.
CREATE_SLR_WITH_STAR_IN_RESOURCE List the ARNs of the service-linked roles, or add a condition on iam:AWSServiceName.
CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION Add iam:CreateServiceLinkedRole to NotAction.
DEPRECATED_GLOBAL_CONDITION_KEY Use aws:PrincipalArn.
INVALID_ACTION Use an action that the service has.
INVALID_DATE_VALUE Write the date as `2030-01-31` or `2030-01-31T12:00:00Z`.
INVALID_ROLE_REFERENCE Write the ARN of the role.
INVALID_USER_REFERENCE Write the ARN of the user.
MISSING_VERSION Add `"Version": "2012-10-17"`.
POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA Split the policy.
POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA Shorten the policy.
POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA Shorten the policy, or raise the quota of the account.
RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY Add `"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}`.
RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY Add `"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}`.
RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK Add `"Null": {"aws:SourceAccount": "false"}`.
SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED Name the repository and the branch or environment in full.
TYPE_MISMATCH Use an operator for the type of the key.
TYPE_MISMATCH_BOOLEAN Write `true` or `false`.
TYPE_MISMATCH_DATE Write the date as `2030-01-31` or `2030-01-31T12:00:00Z`.
TYPE_MISMATCH_NUMBER Write a number.
TYPE_MISMATCH_STRING Write base64.
UNIQUE_SIDS_RECOMMENDED Give each statement its own Sid.
WILDCARD_WITHOUT_LIKE_OPERATOR Use StringLike, or `${*}` and `${?}` for the characters themselves.
""",
    "SUGGESTION": """
ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE List the actions to allow in Action.
ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE Allow these actions in a statement without the key.
CONFIRM_AUDIENCE_CLAIM_TYPE Remove the qualifier unless the provider puts several audiences in its tokens.
EMPTY_ARRAY_ACTION List actions, or remove the statement.
EMPTY_ARRAY_CONDITION List values, or remove the key.
EMPTY_ARRAY_CONDITION_FORALLVALUES Use `"Null": {key: "true"}`.
EMPTY_ARRAY_CONDITION_FORANYVALUE List values, or remove the statement.
EMPTY_ARRAY_CONDITION_IFEXISTS Use `"Null": {key: "true"}`.
EMPTY_ARRAY_PRINCIPAL List principals, or remove the statement.
EMPTY_ARRAY_RESOURCE List resources, or remove the statement.
EMPTY_OBJECT_CONDITION Remove it, or add conditions.
EMPTY_OBJECT_PRINCIPAL List principals, or remove the statement.
EMPTY_SID_VALUE Give it a value, or remove it.
EQUIVALENT_TO_NULL_FALSE Use `"Null": {key: "false"}`, which says the same.
EQUIVALENT_TO_NULL_TRUE Use `"Null": {key: "true"}`, which says the same.
IMPROVE_IP_RANGE Write the range without bits behind its prefix.
IRRELEVANT_CONDITION_KEY_IN_POLICY Use the key in policies of identities.
NULL_WITH_QUALIFIER Remove the qualifier.
PRIVATE_IP_ADDRESS_SUBSET Use aws:VpcSourceIp with aws:SourceVpc for the private ones.
PRIVATE_NOT_IP_ADDRESS_SUBSET Use aws:VpcSourceIp with aws:SourceVpc for the private ones.
RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL Use aws:SourceArn or aws:SourceAccount.
REDUNDANT_ACTION Remove it.
REDUNDANT_CONDITION_VALUE_NUM Keep the one value that decides.
REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION Remove the key.
REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY Remove the session.
REDUNDANT_RESOURCE Remove it.
REDUNDANT_STATEMENT Remove one of them.
REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION Remove the statement, or correct the condition.
WILDCARD_IN_SERVICE_NAME Name the service.
""",
}
"""By level: a code and what to do, one a line."""

OWN: Final = {
    "ERROR": """
ACTION_WITHOUT_SERVICE Write the action as `service:Name`.
""",
    "SECURITY_WARNING": """
IF_EXISTS_IN_ALLOW Remove IfExists.
MFA_ALLOW_IF_EXISTS Use `Bool` without IfExists in an Allow.
MFA_AGE_DENY_WITHOUT_IF_EXISTS Use `NumericGreaterThanIfExists`.
MFA_DENY_WITHOUT_IF_EXISTS Use `BoolIfExists`.
MFA_NULL_CHECK Use `"Bool": {"aws:MultiFactorAuthPresent": "true"}` in an Allow, `BoolIfExists` and `false` in a Deny.
OIDC_WITHOUT_SUBJECT Add a condition on the `:sub` of the provider.
""",
    "WARNING": """
ACTION_NEEDS_STAR_RESOURCE Move the action to a statement with `"Resource": "*"`.
EFFECTIVELY_STAR_RESOURCE Write `*` if every resource is meant, else name the resources.
IF_EXISTS_ON_UNSUPPORTED_KEY Use a key that the actions have, or remove it.
MFA_BACKWARDS Swap `true` and `false`.
MFA_NOT_BOOLEAN Use `Bool` or `BoolIfExists`.
RESOURCE_DOES_NOT_FIT_ACTION Name resources of a type that the action is about.
UNKNOWN_VARIABLE Name a condition key in the braces; `!Sub` fills in what a template knows.
""",
    "SUGGESTION": """
ALL_RESOURCES_OF_SERVICE Name the resources.
FORALLVALUES_WITHOUT_NULL_CHECK Add `"Null": {key: "false"}`.
FORANYVALUE_IN_DENY Deny with `"Null": {key: "true"}` in another statement if requests without the key are meant too.
MISSING_DEPENDENT_ACTION Allow it too if the call is to use it.
OLD_VERSION Write `"Version": "2012-10-17"`.
REDUNDANT_CONDITION_VALUE Remove it.
REDUNDANT_PRINCIPAL Remove it.
RETIRED_SERVICE Remove it.
""",
}
"""As AWS."""

LOWERED: Final = {
    "INVALID_ACTION": "ERROR at AWS. No list of actions is complete: 0.8 % of those in AWS's own policies are in none.",
}
"""Codes whose level is not AWS's, and why."""

LEFT_OUT: Final = {
    "SCP_SYNTAX_ERROR_ACTION_WILDCARD": "Service control policies take wildcards anywhere since September 2025.",
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION": "Service control policies take the whole language since September 2025.",
    "SCP_SYNTAX_ERROR_ALLOW_NOT_ACTION": "As above.",
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE": "As above.",
    "SCP_SYNTAX_ERROR_NOT_RESOURCE": "As above.",
    "UNSUPPORTED_GLOBAL_CONDITION_KEY": "It is about aws:ARN, which DEPRECATED_GLOBAL_CONDITION_KEY reports.",
    "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES": (
        "Needs AWS's list of services that support aws:VpceAccount, aws:VpceOrgID and aws:VpceOrgPaths; it grows."
    ),
    "VARIABLE_USAGE_TOO_PERMISSIVE": (
        "AWS's guide itself recommends `${aws:PrincipalAccount}` for aws:ResourceAccount, and does not say where it is "
        "refused."
    ),
}
"""Issue codes of Access Analyzer that are not given, and why."""
