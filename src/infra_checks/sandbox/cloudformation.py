"""CloudFormation's API: each operation's parameters to what it answers with.

A request returns when its work is done: a stack is CREATE_COMPLETE, or rolled back, as soon as create_stack has
answered, so that no test waits for a waiter.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from infra_checks.sandbox import changing, kinds, shown
from infra_checks.sandbox.deploying import Deployment
from infra_checks.sandbox.making import Place
from infra_checks.sandbox.plan import check_references, prepare, read_template
from infra_checks.sandbox.refusal import RefusedError
from infra_checks.sandbox.removing import delete_stack, importers
from infra_checks.sandbox.stacks import ChangeSet, Request, StackRecord
from infra_checks.sandbox.stored_templates import fetched

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.plan import Plan

Answer = dict[str, Any]

MAX_BODY: Final = 51_200
"""Bytes of a template in a request; AWS: "CloudFormation quotas". A larger one is given by its address in S3."""

_STABLE: Final = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
    }
)


class CloudFormation:
    """The operations, as methods by the API's names; one instance serves one region."""

    def __init__(self, account: Account, region: str) -> None:
        self._account = account
        self._memory = account.memory
        self._region = region

    def answer(self, operation: str, parameters: Answer) -> Answer:
        """Do what an operation says; raises RefusedError."""
        method: Callable[[Answer], Answer] | None = getattr(self, operation, None)
        if method is None or not operation[0].isupper():
            raise RefusedError(f"the sandbox does not answer {operation}", code="InvalidAction")
        return method(parameters)

    # ---- stacks

    def CreateStack(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Make a stack."""
        name = parameters["StackName"]
        self._refuse_existing(name)
        request = self._request(parameters)
        record = StackRecord(Place.new(name, self._region), request)
        plan = self._prepared(record, request)
        record.protected = parameters.get("EnableTerminationProtection", False)
        on_failure = parameters.get("OnFailure", "DO_NOTHING" if parameters.get("DisableRollback") else "ROLLBACK")
        record.rollback = on_failure != "DO_NOTHING"
        Deployment(self._account, record, plan).wanted()
        self._memory.add(record)
        succeeded = Deployment(self._account, record, plan).create()
        if not succeeded and on_failure == "DELETE":
            delete_stack(self._account, record)
        return {"StackId": record.place.stack_id}

    def UpdateStack(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Change a stack."""
        record = self._updatable(parameters["StackName"])
        request = self._request(parameters, record)
        plan = self._prepared(record, request)
        if not changing.differences(self._account, record, plan):
            raise RefusedError("No updates are to be performed.")
        Deployment(self._account, record, plan).update()
        return {"StackId": record.place.stack_id}

    def DeleteStack(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Remove a stack; one that does not exist is no error."""
        record = self._memory.find(self._region, parameters["StackName"])
        if record is None or record.status == "DELETE_COMPLETE":
            return {}
        if record.root.protected:
            message = f"Stack [{record.name}] cannot be deleted while TerminationProtection is enabled"
            raise RefusedError(message)
        delete_stack(self._account, record, keep=frozenset(parameters.get("RetainResources", ())))
        return {}

    def UpdateTerminationProtection(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Protect a stack from removal, or no longer."""
        record = self._memory.get(self._region, parameters["StackName"])
        if record.parent is not None:
            raise RefusedError(f"{record.name} is a nested stack: termination protection is set on its root stack")
        record.protected = parameters["EnableTerminationProtection"]
        return {"StackId": record.place.stack_id}

    def DescribeStacks(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show one stack or all."""
        name = parameters.get("StackName")
        records = [self._memory.get(self._region, name)] if name else self._memory.existing(self._region)
        return {"Stacks": [shown.stack(record) for record in records]}

    def ListStacks(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """List stacks, also those that are deleted."""
        wanted = parameters.get("StackStatusFilter")
        records = self._memory.stacks(self._region)
        return {"StackSummaries": [shown.summary(each) for each in records if not wanted or each.status in wanted]}

    # ---- what is in them

    def DescribeStackResources(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show a stack's resources, or the stack of a physical id."""
        physical = parameters.get("PhysicalResourceId")
        if physical:
            record = next((each for each in self._memory.existing(self._region) if _holds(each, physical)), None)
            if record is None:
                raise RefusedError(f"Stack for {physical} does not exist")
        else:
            record = self._memory.get(self._region, parameters.get("StackName", ""))
        wanted = parameters.get("LogicalResourceId")
        entries = [entry for name, entry in sorted(record.entries.items()) if wanted in {None, name}]
        return {"StackResources": [shown.resource(record, entry) for entry in entries]}

    def DescribeStackResource(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show one resource."""
        record = self._memory.get(self._region, parameters["StackName"])
        entry = record.entries.get(parameters["LogicalResourceId"])
        if entry is None:
            message = f"Resource {parameters['LogicalResourceId']} does not exist for stack {record.name}"
            raise RefusedError(message)
        return {"StackResourceDetail": shown.resource_detail(record, entry)}

    def ListStackResources(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """List a stack's resources."""
        record = self._memory.get(self._region, parameters["StackName"])
        entries = [entry for _, entry in sorted(record.entries.items())]
        return {"StackResourceSummaries": [shown.resource_summary(entry) for entry in entries]}

    def DescribeStackEvents(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show a stack's history, the newest first."""
        record = self._memory.get(self._region, parameters["StackName"])
        return {"StackEvents": [shown.event(record, each) for each in reversed(record.events)]}

    def GetTemplate(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Give a template as it was sent."""
        return {"TemplateBody": self._found(parameters).body, "StagesAvailable": ["Original"]}

    def _found(self, parameters: Answer) -> Request:
        record = self._memory.get(self._region, parameters["StackName"])
        if "ChangeSetName" in parameters:
            return self._change_set(parameters)[1].request
        return record.request

    def GetTemplateSummary(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Tell a template's parameters and types."""
        if "StackName" in parameters:
            body = self._memory.get(self._region, parameters["StackName"]).request.body
        else:
            body = self._body(parameters)
        return shown.template_summary(read_template(body))

    def ValidateTemplate(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Refuse what is no template."""
        template = read_template(self._body(parameters))
        if not template.transforms:  # as the real one, which runs none for this
            check_references(template)
        summary = shown.template_summary(template)
        kept = ("Parameters", "Description", "Capabilities", "CapabilitiesReason", "DeclaredTransforms")
        found = {name: summary[name] for name in kept if name in summary}
        names = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        found["Parameters"] = [{key: p[key] for key in names if key in p} for p in found["Parameters"]]
        return found

    def DescribeType(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show the provider schema of a type that is kept by it."""
        name = parameters.get("TypeName", "")
        others = self._account.others
        kind = others.find(name) if others and kinds.find(name) is None else None
        schema = others.schema_of(name) if others and kind else None
        if schema is None:
            raise RefusedError(f"The type '{name}' cannot be found.", code="TypeNotFoundException", status=404)
        return {"Type": "RESOURCE", "TypeName": name, "Schema": json.dumps(schema)}

    def ListExports(self, _parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """List the exports of the region."""
        exports = self._account.exports(self._region)
        return {
            "Exports": [
                {"ExportingStackId": record.place.stack_id, "Name": name, "Value": value}
                for name, (record, value) in sorted(exports.items())
            ]
        }

    def ListImports(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """List the stacks that import an export."""
        found = importers(self._account, self._region, parameters["ExportName"])
        if not found:
            raise RefusedError(f"Export '{parameters['ExportName']}' is not imported by any stack.")
        return {"Imports": found}

    # ---- change sets

    def CreateChangeSet(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Find out what a change would do."""
        name, kind = parameters["StackName"], parameters.get("ChangeSetType", "UPDATE")
        if kind not in {"CREATE", "UPDATE"}:
            raise RefusedError(f"the sandbox makes no change sets of type {kind}")
        is_new = kind == "CREATE"
        record = self._memory.find(self._region, name)
        if is_new and record is not None and record.status != "REVIEW_IN_PROGRESS":
            raise RefusedError(f"Stack [{name}] already exists and cannot be created again with the changeSet")
        if not is_new:
            record = self._updatable(name)
        request = self._request(parameters, record)
        if record is None:
            record = StackRecord(Place.new(name, self._region), request)
        if parameters["ChangeSetName"] in record.change_sets:
            message = f"ChangeSet {parameters['ChangeSetName']} already exists"
            raise RefusedError(message, code="AlreadyExistsException")
        plan = self._prepared(record, request)
        identity = record.place.arn("cloudformation", f"changeSet/{parameters['ChangeSetName']}/{uuid4()}")
        made = ChangeSet(identity, parameters["ChangeSetName"], kind, request, parameters.get("Description", ""))
        made.rollback = parameters.get("OnStackFailure") != "DO_NOTHING"
        made.changes = changing.differences(self._account, record, plan)
        if not made.changes:
            made.status, made.execution = "FAILED", "UNAVAILABLE"
            made.reason = (
                "The submitted information didn't contain changes. Submit different information to create a change set."
            )
        if is_new and record.status == "REVIEW_IN_PROGRESS" and not record.events:
            self._memory.add(record)
            record.enter("REVIEW_IN_PROGRESS", "User Initiated")
        record.change_sets[made.name] = made
        return {"Id": made.id, "StackId": record.place.stack_id}

    def DescribeChangeSet(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Show what a change would do."""
        return shown.change_set(*self._change_set(parameters))

    def ListChangeSets(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """List a stack's change sets."""
        record = self._memory.get(self._region, parameters["StackName"])
        return {"Summaries": [shown.change_set_summary(record, each) for each in record.change_sets.values()]}

    def DeleteChangeSet(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Forget a change."""
        record, found = self._change_set(parameters)
        del record.change_sets[found.name]
        return {}

    def ExecuteChangeSet(self, parameters: Answer) -> Answer:  # noqa: N802 - the API's name
        """Do what a change set says."""
        record, found = self._change_set(parameters)
        if found.execution != "AVAILABLE":
            message = f"ChangeSet [{found.id}] cannot be executed in its current status of [{found.status}]"
            raise RefusedError(message, code="InvalidChangeSetStatus")
        plan = self._prepared(record, found.request)
        record.change_sets.clear()
        record.change_set_id = found.id
        if found.type == "CREATE" and record.status == "REVIEW_IN_PROGRESS":
            record.rollback = found.rollback and not parameters.get("DisableRollback", False)
            record.drops_retained = parameters.get("RetainExceptOnCreate", False)
            Deployment(self._account, record, plan).create()
        else:
            Deployment(self._account, record, plan).update()
        return {}

    # ---- what they share

    def _refuse_existing(self, name: str) -> None:
        if self._memory.find(self._region, name) is not None:
            raise RefusedError(f"Stack [{name}] already exists", code="AlreadyExistsException")

    def _updatable(self, name: str) -> StackRecord:
        record = self._memory.get(self._region, name)
        if record.status not in _STABLE:
            message = f"Stack:{record.place.stack_id} is in {record.status} state and can not be updated."
            raise RefusedError(message)
        return record

    def _prepared(self, record: StackRecord, request: Request) -> Plan:
        return prepare(request, record.place, self._account)

    def _change_set(self, parameters: Answer) -> tuple[StackRecord, ChangeSet]:
        name = parameters["ChangeSetName"]
        for record in self._memory.existing(self._region):
            if parameters.get("StackName") in {None, record.name, record.place.stack_id}:
                for found in record.change_sets.values():
                    if name in {found.name, found.id}:
                        return record, found
        raise RefusedError(f"ChangeSet [{name}] does not exist", code="ChangeSetNotFound", status=404)

    def _request(self, parameters: Answer, record: StackRecord | None = None) -> Request:
        old = record.request if record else None
        if parameters.get("UsePreviousTemplate"):
            if old is None:
                raise RefusedError("UsePreviousTemplate needs a stack that exists")
            body = old.body
        else:
            body = self._body(parameters)
        given = {}
        for each in parameters.get("Parameters", ()):
            name = each["ParameterKey"]
            if each.get("UsePreviousValue"):
                if record is None or name not in record.parameters:
                    raise RefusedError(
                        f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true "
                        "for a parameter key not in the previous template"
                    )
                given[name] = record.parameters[name]
            else:
                given[name] = each.get("ParameterValue", "")
        tags = {tag["Key"]: tag["Value"] for tag in parameters["Tags"]} if "Tags" in parameters else {}
        if old is not None and "Tags" not in parameters:
            tags = old.tags
        return Request(body, given, tags, frozenset(parameters.get("Capabilities", ())))

    def _body(self, parameters: Answer) -> str:
        if "TemplateBody" in parameters:
            body: str = parameters["TemplateBody"]
            if len(body.encode()) > MAX_BODY:
                message = f"Member must have length less than or equal to {MAX_BODY}"
                prefix = "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                raise RefusedError(prefix + message)
            return body
        if "TemplateURL" not in parameters:
            raise RefusedError("Either Template URL or Template Body must be specified.")
        return fetched(parameters["TemplateURL"], self._account, self._region)


def _holds(record: StackRecord, physical: str) -> bool:
    return any(entry.ref == physical for entry in record.entries.values())
