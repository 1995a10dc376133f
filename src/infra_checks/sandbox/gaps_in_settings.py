"""What moto loses of what it was told of rules of security groups, dashboards and asynchronous invocations.

As in `gaps`: put into moto's own classes once in a process.
"""

from __future__ import annotations

from typing import Any, Final

_COLONS_OF_A_FUNCTION: Final = 6
"""In its ARN without a qualifier."""


def keep_what_was_told() -> None:
    """Patch moto, once in a process."""
    import moto.awslambda.models as functions  # noqa: PLC0415 - an optional dependency
    import moto.cloudwatch.models as dashboards  # noqa: PLC0415 - as above
    import moto.cloudwatch.responses as dashboard_responses  # noqa: PLC0415 - as above
    import moto.ec2.models.security_groups as groups  # noqa: PLC0415 - as above
    import moto.iam.responses as identities  # noqa: PLC0415 - as above
    import moto.s3.models as buckets  # noqa: PLC0415 - as above
    import moto.s3.responses as bucket_responses  # noqa: PLC0415 - as above
    import moto.sqs.models as queues  # noqa: PLC0415 - as above

    _ask_for_new_passwords(identities.IamResponse)
    _grant_one_by_one(buckets, bucket_responses)
    _keep_policies_of_queues(queues.Queue)
    _describe_rules(groups.SecurityGroupRule)
    _describe_prefix_lists(groups.SecurityGroup)
    _tag_dashboards(dashboards.CloudWatchBackend, dashboard_responses.CloudWatchResponse)
    _qualify_invocations(functions.EventInvokeConfig)


def _ask_for_new_passwords(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "CreateLoginProfile" of the IAM API reference takes PasswordResetRequired."""
    create = responses.create_login_profile

    def create_login_profile(self: Any) -> Any:  # noqa: ANN401
        create(self)
        user = self.backend.get_user(self._get_param("UserName"))
        user.password_reset_required = str(self._get_param("PasswordResetRequired")).lower() == "true"
        return self.get_login_profile()

    responses.create_login_profile = create_login_profile


def _grant_one_by_one(*modules: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "Grant" of the Amazon S3 API reference has one permission; of moto's with two the second is lost."""
    from moto.s3.models import FakeAcl, FakeGrant, get_canned_acl  # noqa: PLC0415 - an optional dependency

    def split(acl: str) -> Any:  # noqa: ANN401
        grants = get_canned_acl(acl).grants
        return FakeAcl([FakeGrant(each.grantees, [right]) for each in grants for right in each.permissions])

    for module in modules:
        module.get_canned_acl = split


def _describe_rules(rule: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "SecurityGroupRule" of the Amazon EC2 API reference; moto describes rules of address ranges only.

    What a rule is does not depend on its description: "RevokeSecurityGroupIngress" there.
    """
    create, alike = rule.__init__, rule.__eq__

    def init(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401
        create(self, *args, **options)
        given = options.get("prefix_list_id", args[7] if len(args) > 7 else None) or {}  # noqa: PLR2004 - moto's order
        self.source_group = dict(self.source_group)
        self.kept_description = self.source_group.get("Description") or given.get("Description")

    def description(self: Any) -> str | None:  # noqa: ANN401
        found: str | None = self.ip_range.get("Description") or self.kept_description
        return found

    def equal(self: Any, other: Any) -> bool:  # noqa: ANN401
        own, others = self.source_group, other.source_group
        self.source_group, other.source_group = _plain(own), _plain(others)
        try:
            return bool(alike(self, other))
        finally:
            self.source_group, other.source_group = own, others

    rule.__init__, rule.description, rule.__eq__ = init, property(description), equal


def _plain(group: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in group.items() if name != "Description"}


def _describe_prefix_lists(group: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "PrefixListId" of the Amazon EC2 API reference."""
    flatten = group._flattened_rules  # noqa: SLF001

    def flattened(self: Any, rules: list[Any]) -> Any:  # noqa: ANN401
        views = flatten(self, rules)
        for view in views:
            ports = (view.ip_protocol, view.from_port, view.to_port)
            alike = [rule for rule in rules if (rule.ip_protocol, rule.from_port, rule.to_port) == ports]
            described = {rule.prefix_list_id: rule.description for rule in alike if rule.description}
            for peer in view.prefix_list_ids:
                if peer["PrefixListId"] in described:
                    peer["Description"] = described[peer["PrefixListId"]]
        return views

    group._flattened_rules = flattened  # noqa: SLF001


def _tag_dashboards(backend: Any, responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "PutDashboard" and "TagResource" of the CloudWatch API reference."""
    put, tag = responses.put_dashboard, backend.tag_resource

    def put_dashboard(self: Any) -> Any:  # noqa: ANN401
        answer = put(self)
        dashboard = self.cloudwatch_backend.dashboards[self._get_param("DashboardName")]
        given = {each["Key"]: each["Value"] for each in self._get_param("Tags") or []}
        if given:
            self.cloudwatch_backend.tag_resource(dashboard.arn, given)
        return answer

    def tag_resource(self: Any, arn: str, tags: dict[str, str]) -> None:  # noqa: ANN401
        if arn in {each.arn for each in self.dashboards.values()}:
            self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            tag(self, arn, tags)

    responses.put_dashboard, backend.tag_resource = put_dashboard, tag_resource


def _qualify_invocations(config: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "FunctionArn" of GetFunctionEventInvokeConfig of the Lambda API reference ends in the qualifier."""
    shown = config.response

    def response(self: Any) -> dict[str, Any]:  # noqa: ANN401
        answer: dict[str, Any] = shown(self)
        arn = answer.get("FunctionArn", "")
        is_plain = arn.count(":") == _COLONS_OF_A_FUNCTION
        return answer | ({"FunctionArn": f"{arn}:$LATEST"} if is_plain else {})

    config.response = response


def _keep_policies_of_queues(queue: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "SetQueueAttributes" of the SQS API reference sets what it is given; moto takes the policy away."""
    set_attributes = queue._set_attributes  # noqa: SLF001

    def keep(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:  # noqa: ANN401
        before = getattr(self, "policy", None)
        set_attributes(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = before

    queue._set_attributes = keep  # noqa: SLF001
