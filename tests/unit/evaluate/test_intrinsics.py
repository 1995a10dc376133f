from __future__ import annotations

import base64
import json
from contextlib import nullcontext, suppress

import pytest

from infra_checks.errors import EvaluationError
from infra_checks.evaluate.values import Known, Symbol, Unknown
from tests.unit.evaluate.stacks import PREAMBLE, answers, evaluated, plain, stack_of, subject, with_property

NO_DEFAULT = "it depends on the parameter Open, which has no default"
OPEN_NAMES = "it depends on the parameter OpenNames, which has no default"


def value_of(expression: str) -> Unknown:
    stack = stack_of(with_property(expression))
    (value,) = answers(stack, lambda around: subject(stack)(around).value("P")).values()
    assert isinstance(value, Unknown)
    return value


KNOWN = [
    # Ref
    ("!Ref Name", "app"),
    ("Ref: Name", "app"),
    ("!Ref Count", "3"),
    ("!Ref Flag", "true"),
    ("!Ref Names", ["a", "b"]),
    ("!Ref AWS::NoValue", None),
    # Sub
    ("!Sub plain", "plain"),
    ("!Sub x-${Name}-y", "x-app-y"),
    ("!Sub '${!Name}'", "${Name}"),
    ("!Sub '$${Name} ${ Name } $Name {Name}'", "$app app $Name {Name}"),
    ("Fn::Sub: ['${A}${A}-${Name}', {A: 1.10}]", "1.101.10-app"),
    ("Fn::Sub: ['${Name}', {Name: local}]", "local"),
    ("Fn::Sub: ['${A}', {A: !Sub ['${B}', {B: !Ref Name}]}]", "app"),
    ("!Sub ['${A}', {A: true}]", "true"),
    ("!Sub ''", ""),
    # Join
    ("!Join ['-', [a, !Ref Name, 1]]", "a-app-1"),
    ("!Join ['', []]", ""),
    ("!Join [',', !Ref Names]", "a,b"),
    ("!Join ['', [a, !Ref 'AWS::NoValue', b]]", "ab"),
    ("!Join ['-', !Split [',', 'x,y']]", "x-y"),
    ("!Join ['-', !If [Always, [a, b], [c]]]", "a-b"),
    # Split, Select
    ("!Split [',', 'a,b,']", ["a", "b", ""]),
    ("!Split ['--', 'a--b']", ["a", "b"]),
    ("!Select [1, [a, b]]", "b"),
    ("!Select ['1', [a, b]]", "b"),
    ("!Select [0, !Ref Names]", "a"),
    ("!Select [1, !Split ['.', 'a.b.c']]", "b"),
    ("!Select [!Ref Count, [a, b, c, d]]", "d"),
    ("!Select [0, [!Ref 'AWS::NoValue', b]]", "b"),
    ("!Select [0, [!If [Always, 7, 8]]]", 7),
    # FindInMap
    ("!FindInMap [Sizes, prod, size]", "large"),
    ("!FindInMap [Sizes, prod, zones]", ["a", "b"]),
    ("!FindInMap [!Sub 'Siz${E}', !Join ['', [pr, od]], size]".replace("${E}", "es"), "large"),
    ("!FindInMap [Sizes, none, size, {DefaultValue: !Ref Name}]", "app"),
    ("!FindInMap [Sizes, prod, none, {DefaultValue: [!Ref Name, b]}]", ["app", "b"]),
    ("!FindInMap [Sizes, prod, size, {DefaultValue: x}]", "large"),
    ("!FindInMap [Sizes, prod, none, {DefaultValue: !Ref 'AWS::NoValue'}]", None),
    # Base64, Cidr, Length, ToJsonString
    ("!Base64 ä", base64.b64encode("ä".encode()).decode()),
    ("Fn::Base64: !Sub '${Name}'", "YXBw"),
    ("!Cidr [192.168.0.0/24, 3, 5]", ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27"]),
    ("!Select [1, !Cidr ['10.0.0.0/16', '2', '8']]", "10.0.1.0/24"),
    ("!Cidr ['2001:db8::/56', 2, 64]", ["2001:db8::/64", "2001:db8:0:1::/64"]),
    ("!Cidr ['2001:db8::/56', 1]", ["2001:db8::/64"]),
    ("Fn::Length: [a, !Ref Open]", 2),
    ("Fn::Length: !Ref Names", 2),
    ("Fn::ToJsonString: {a: [1, true, !Ref Name], b: !Ref 'AWS::NoValue'}", '{"a":[1,true,"app"]}'),
    ("Fn::ToJsonString: [!Ref Names, null]", '[["a","b"]]'),
    ("Fn::ToJsonString: []", "[]"),
    # If
    ("!If [Always, a, b]", "a"),
    ("!If [Always, !If [Always, {Q: 1}, b], b]", {"Q": 1}),
    ("!If [Always, !Ref 'AWS::NoValue', b]", None),
    ("[a, !If [Always, !Ref 'AWS::NoValue', b], !Ref 'AWS::NoValue', c]", ["a", "c"]),
    ("{Q: !Ref 'AWS::NoValue', R: !If [Always, !Ref 'AWS::NoValue', b], S: 1}", {"S": 1}),
    ("[!If [Always, {Q: 1}, b], [x]]", [{"Q": 1}, ["x"]]),
]


@pytest.mark.parametrize(("expression", "expected"), KNOWN, ids=[text for text, _ in KNOWN])
def test_a_function_of_known_operands_is_known(expression: str, expected: object) -> None:
    assert evaluated(expression) == expected


UNKNOWN = [
    ("!Ref Open", NO_DEFAULT),
    ("!Ref OpenNames", OPEN_NAMES),
    ("!Ref Other", "it depends on the resource Other"),
    ("!Ref Secret", "it is the hidden value of the parameter Secret"),
    ("!Ref Image", "it is the value of the Systems Manager parameter that Image names"),
    ("!Ref AWS::Region", "it depends on AWS::Region"),
    ("!Ref Hidden", "it depends on the dynamic reference secretsmanager.db"),
    ("!GetAtt Other.Arn", "it depends on Arn of the resource Other"),
    ("!GetAtt Other.Outputs.Url", "it depends on Outputs.Url of the resource Other"),
    ("Fn::GetAtt: [Other, Arn]", "it depends on Arn of the resource Other"),
    ("Fn::GetAtt: [Other, Outputs, Url]", "it depends on Outputs.Url of the resource Other"),
    ("Fn::GetAtt: [Other, !Ref Name]", "it depends on app of the resource Other"),
    ("Fn::GetAtt: [Other, !Ref Open]", "it depends on Ref Open of the resource Other"),
    ("!Sub '${Other.Arn}/*'", "it depends on Arn of the resource Other"),
    ("!Sub '${Other}-${AWS::Region}'", "it depends on the resource Other and AWS::Region"),
    ("!Sub '${Secret}'", "it depends on the parameter Secret"),
    ("!Join ['', [a, !Ref Open]]", "it depends on the parameter Open"),
    ("!Join ['', !Ref OpenNames]", OPEN_NAMES),
    ("!Split [',', !Ref Open]", NO_DEFAULT),
    ("!Select [0, !Ref OpenNames]", OPEN_NAMES),
    ("!Select [!Ref Open, [a]]", NO_DEFAULT),
    ("!Select [0, !GetAZs '']", "it depends on Availability Zone AWS::Region.0"),
    ("!Select [1, !GetAZs {Ref: 'AWS::Region'}]", "it depends on Availability Zone AWS::Region.1"),
    ("!Select [1, !GetAZs eu-west-1]", "it depends on Availability Zone eu-west-1.1"),
    ("!GetAZs {Ref: Open}", "it depends on the Availability Zones of Ref Open"),
    ("!FindInMap [Sizes, !Ref Image, size]", None),
    ("!FindInMap [!Ref Open, a, b]", NO_DEFAULT),
    ("!Base64 {Ref: Open}", NO_DEFAULT),
    ("!Cidr [!GetAtt Other.CidrBlock, 1, 8]", "it depends on an address block that is not known"),
    ("!ImportValue Net", "it depends on the export Net of another stack"),
    ("!ImportValue {'Fn::Sub': '${Open}-net'}", "it depends on the export Fn::Sub ${Open}-net of another stack"),
    ("!Transform {Name: 'AWS::Include', Parameters: {Location: x}}", "it is what the transform AWS::Include puts in"),
    ("Fn::Transform: {Name: Mine}", "it is what the transform Mine puts in"),
    ("!Transform x", "it is what the transform a macro puts in"),
    ("Fn::Length: !Ref OpenNames", OPEN_NAMES),
    ("Fn::ToJsonString: {a: !Ref Open}", NO_DEFAULT),
    ("Fn::GetStackOutput: x", "Fn::GetStackOutput is not evaluated"),
    ("'{{resolve:ssm:/a:1}}'", "it depends on the dynamic reference ssm./a:1"),
    ("!Sub '{{resolve:secretsmanager:${Other}:SecretString}}'", None),
]


@pytest.mark.parametrize(("expression", "reason"), UNKNOWN, ids=[text for text, _ in UNKNOWN])
def test_a_function_of_unknown_operands_is_unknown_and_says_why(expression: str, reason: str | None) -> None:
    found = evaluated(expression)
    found = set(found.values()) if isinstance(found, dict) else {found}

    assert all(str(answer).startswith("? ") for answer in found) or reason is None
    if reason is not None:
        assert found == {f"? {reason}"}


MALFORMED = [
    ("Ref: [a]", "Ref needs a name"),
    ("!Ref Nobody", "Nobody is neither a parameter nor a resource of this template"),
    ("!GetAtt Nobody.Arn", "Nobody is not a resource of this template"),
    ("!GetAtt Other", "Fn::GetAtt needs a resource's name and an attribute"),
    ("Fn::GetAtt: [Other]", "Fn::GetAtt needs a resource's name and an attribute"),
    ("Fn::GetAtt: [!Ref Open, Arn]", "Fn::GetAtt needs a resource's name and an attribute"),
    ("Fn::GetAtt: {a: b}", "Fn::GetAtt needs a resource's name and an attribute"),
    ("!Sub [a, b]", "Fn::Sub needs a string, or a list of a string and a mapping"),
    ("!Sub ['${A}', {A: 1}, c]", "Fn::Sub needs a string, or a list of a string and a mapping"),
    ("!Sub {a: b}", "Fn::Sub needs a string, or a list of a string and a mapping"),
    ("!Sub [!Ref Name, {}]", "Fn::Sub needs a string, or a list of a string and a mapping"),
    ("!Sub '${Names}'", "${Names} in Fn::Sub is not a text"),
    ("!Sub '${AWS::NoValue}'", "${AWS::NoValue} in Fn::Sub is not a text"),
    ("!Sub ['${A}', {A: [x]}]", "${A} in Fn::Sub is not a text"),
    ("!Join [a]", "Fn::Join needs a delimiter and a list"),
    ("!Join [!Ref Name, [a]]", "Fn::Join needs a delimiter and a list"),
    ("!Join a", "Fn::Join needs a delimiter and a list"),
    ("!Join ['', a]", "a list is needed here"),
    ("!Join ['', [[a]]]", "an element of Fn::Join is not a text"),
    ("!Join ['', [{a: b}]]", "an element of Fn::Join is not a text"),
    ("!Split [a]", "Fn::Split needs a delimiter and a string"),
    ("!Split ['', a]", "Fn::Split needs a delimiter and a string"),
    ("!Split [a, [b]]", "Fn::Split needs a delimiter and a string"),
    ("!Select [a]", "Fn::Select needs an index and a list"),
    ("!Select [[0], [a]]", "Fn::Select needs an index and a list"),
    ("!Select [0, a]", "Fn::Select needs an index and a list"),
    ("!Select [0, {a: b}]", "Fn::Select needs an index and a list"),
    ("!Select [-1, [a]]", "Fn::Select needs an index, not '-1'"),
    ("!Select ['²', [a]]", "Fn::Select needs an index, not '²'"),
    ("!Select ['" + "9" * 5000 + "', [a]]", "Fn::Select needs an index, not '" + "9" * 20 + "'"),
    ("!Select [2, [a, b]]", "index 2 is beyond the 2 elements of the list, so the deployment fails"),
    ("!Select [2, !Ref Names]", "index 2 is beyond the 2 elements of the list, so the deployment fails"),
    ("!Select [0, [{a: b}]]", "the selected element is not a scalar"),
    ("!FindInMap [Sizes, prod]", "Fn::FindInMap needs a mapping's name, a top-level key and a second-level key"),
    ("!FindInMap [Nobody, prod, size]", "Nobody is not a mapping of this template"),
    ("!FindInMap [[a], prod, size]", "the mapping's name is not a text"),
    ("!FindInMap [Sizes, [a], size]", "the key is not a text"),
    ("!FindInMap [Sizes, !Ref Names, size]", "the key is not a text"),
    ("!FindInMap [Sizes, !Ref OpenNames, size]", OPEN_NAMES),
    ("!FindInMap [Sizes, none, size]", "the mapping has no such key, so the deployment fails"),
    ("!FindInMap [Sizes, prod, none]", "the mapping has no such key, so the deployment fails"),
    ("!FindInMap [Sizes, prod, none, {DefaultValue: {a: b}}]", "a mapping's value is a text or a list"),
    ("!FindInMap [Sizes, prod, none, {DefaultValue: [!Ref Open]}]", "an element of the list is not known"),
    ("!GetAZs [a]", "Fn::GetAZs needs a region, or an empty text for the stack's region"),
    ("!ImportValue [a]", "Fn::ImportValue needs the name of an export"),
    ("!Base64 [a]", "Fn::Base64 needs a text"),
    ("!Cidr [a]", "Fn::Cidr needs an address block, a count and the number of bits of each"),
    ("!Cidr [[a], 1, 1]", "Fn::Cidr needs an address block, a count and the number of bits of each"),
    ("!Cidr [10.0.0.0/24, 0, 5]", "Fn::Cidr: the count must be from 1 to 256"),
    ("!Cidr [10.0.0.0/24, 257, 5]", "Fn::Cidr: the count must be from 1 to 256"),
    ("!Cidr [10.0.0.0/24, 9, 5]", "Fn::Cidr: the block holds only 8 such blocks"),
    ("!Cidr [10.0.0.0/24, x, 5]", "Fn::Cidr: invalid literal for int() with base 10: 'x'"),
    ("!Cidr [10.0.0.0/24, 1, 9]", "Fn::Cidr: new prefix must be longer"),
    ("Fn::Length: a", "a list is needed here"),
    ("Fn::ToJsonString: a", "Fn::ToJsonString needs a mapping or a list"),
    ("Fn::ToJsonString: !Ref AWS::NoValue", "Fn::ToJsonString needs a mapping or a list"),
    ("!If [Always, a]", "Fn::If needs a condition's name and two values"),
    ("!If [[Always], a, b]", "Fn::If needs a condition's name and two values"),
    ("!If a", "Fn::If needs a condition's name and two values"),
    ("!If [Nobody, a, b]", "condition Nobody is not declared"),
    ("{'Fn::Nobody': x}", None),
    ("!Nobody x", "!Nobody is not evaluated"),
]


@pytest.mark.parametrize(("expression", "reason"), MALFORMED, ids=[text[:60] for text, _ in MALFORMED])
def test_a_malformed_call_is_unknown_never_missing(expression: str, reason: str | None) -> None:
    if reason is None:
        stack = stack_of(with_property(expression))
        assert answers(stack, lambda around: plain(subject(stack)(around).value("P", "Q"))) == {
            "": "? Fn::Nobody may add it"
        }
    else:
        assert evaluated(expression) == f"? {reason}"


SPLITTING = [
    ("!Ref Env", {"Env is dev": "dev", "Env is test": "test", "Env is prod": "prod"}),
    ("!If [IsProd, a, b]", {"Env is prod": "a", "Env is dev or test": "b"}),
    ("!Sub '${Env}!'", {"Env is dev": "dev!", "Env is test": "test!", "Env is prod": "prod!"}),
    ("!FindInMap [Sizes, !Ref Env, size]", {"Env is dev or test": "small", "Env is prod": "large"}),
    ("!FindInMap [Sizes, !Ref Env, same]", {"Env is dev or test": "x", "Env is prod": "x"}),
    ("!FindInMap [Sizes, !Ref Open, size]", {"Open is dev or test": "small", "Open is prod": "large"}),
    ("!FindInMap [Sizes, !Sub '${Open}', size]", {"Open is dev or test": "small", "Open is prod": "large"}),
    (
        "!FindInMap [Sizes, !Ref Open, size, {DefaultValue: none}]",
        {"Open is dev or test": "small", "Open is prod": "large", "Open is not dev, prod or test": "none"},
    ),
    (
        "!FindInMap [Sizes, !Ref AWS::Region, size, {DefaultValue: none}]",
        {
            "AWS::Region is dev or test": "small",
            "AWS::Region is prod": "large",
            "AWS::Region is not dev, prod or test": "none",
        },
    ),
    (
        "!FindInMap [Sizes, !Ref Image, size]",
        {"Image.ResolvedValue is dev or test": "small", "Image.ResolvedValue is prod": "large"},
    ),
    ("!If [IsProd, !If [IsProd, a, b], !Ref Env]", {"Env is prod": "a", "Env is dev": "dev", "Env is test": "test"}),
    ("[!If [IsProd, a, !Ref 'AWS::NoValue'], b]", {"Env is prod": ["a", "b"], "Env is dev or test": ["b"]}),
]


@pytest.mark.parametrize(("expression", "expected"), SPLITTING, ids=[text for text, _ in SPLITTING])
def test_a_function_of_a_parameter_with_several_values_has_one_value_in_each_scenario(
    expression: str, expected: object
) -> None:
    assert evaluated(expression) == expected


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("!Ref Open", (Symbol("parameter", ("Open",)),)),
        (
            "!Sub 'a${Other}b${Other.Arn}'",
            ("a", Symbol("reference", ("Other", "Ref")), "b", Symbol("reference", ("Other", "Arn"))),
        ),
        ("!Join ['/', [a, b, !Ref Open]]", ("a/b/", Symbol("parameter", ("Open",)))),
        ("!Sub '${Nobody}x'", (Symbol("call", ("${Nobody}",)), "x")),
        ("!Select [0, !Ref OpenNames]", (Symbol("call", ('Fn::Select ["0", Ref OpenNames]',)),)),
        ("'a{{resolve:ssm-secure:/x:3}}'", ("a", Symbol("dynamic", ("ssm-secure", "/x:3")))),
        (
            "!Sub '{{resolve:secretsmanager:${Other}:SecretString:pw}}'",
            (Symbol("dynamic", ("secretsmanager", "${Other.Ref}:SecretString:pw")),),
        ),
        (
            "!Join ['', ['{{resolve:', 'secretsmanager:', !Ref Name, '}}', !Ref Open]]",
            (Symbol("dynamic", ("secretsmanager", "app")), Symbol("parameter", ("Open",))),
        ),
        ("'{{resolve:nothing:x}}{{resolve:ssm:a}}'", ("{{resolve:nothing:x}}", Symbol("dynamic", ("ssm", "a")))),
        ('"{{resolve:ssm:a}}\\05\\0"', (Symbol("dynamic", ("ssm", "a")), "\x005\0")),
    ],
)
def test_what_is_known_of_a_text_stays_known(expression: str, parts: tuple[str | Symbol, ...]) -> None:
    assert value_of(expression).parts == parts


@pytest.mark.parametrize(
    ("expression", "present"),
    [
        ("!Ref Other", True),
        ("!Ref Open", False),
        ("!Ref Filled", True),
        ("!Ref OpenNames", True),
        ("!Ref Secret", True),
        ("!Ref Empty", False),
        ("!Ref Image", True),
        ("!Ref AWS::StackName", True),
        ("!ImportValue x", True),
        ("!Sub 'a${Open}'", True),
        ("!Sub '${Open}'", False),
        ("!Sub '${Filled}'", True),
        ("!Join ['', [!Ref Open, !Ref Open]]", False),
        ("!Join ['-', [!Ref Open, !Ref Open]]", True),
        ("!Base64 {Ref: Open}", False),
        ("!Base64 {Ref: Filled}", True),
        ("!Select [0, !Ref OpenNames]", True),
        ("'{{resolve:ssm:a}}'", True),
        ("Fn::Transform: {Name: x}", False),
        ("Fn::ToJsonString: {a: !Ref Open}", True),
    ],
)
def test_an_unknown_value_says_whether_it_is_surely_not_empty(expression: str, present: bool) -> None:
    assert value_of(expression).present is present


def test_a_value_says_which_default_it_comes_from() -> None:
    stack = stack_of(with_property("!Sub ['${A}', {A: !If [Always, !Join ['', [!Ref Name]], b]}]"))
    (value,) = answers(stack, lambda around: subject(stack)(around).value("P")).values()

    assert isinstance(value, Known)
    assert value.notes == ("condition Always is true", "Name has its default 'app'")


@pytest.mark.parametrize(
    "expression",
    ["!Ref Secret", "!Sub '${Secret}'", "!Sub 'x${Secret}'", "!Join ['', [!Ref Secret]]", "!Base64 {Ref: Secret}",
     "!Split ['u', !Ref Secret]", "Fn::ToJsonString: {a: !Ref Secret}", "!Select [0, [!Ref Secret]]"],
)  # fmt: skip
def test_a_hidden_value_is_nowhere_in_what_is_made_of_it(expression: str) -> None:
    assert "hunter2" not in repr(value_of(expression))


def test_the_own_region_has_the_same_zones_however_it_is_named() -> None:
    expressions = ["''", "!Ref AWS::Region", "!Sub '${AWS::Region}'", "eu-west-1"]
    text = with_property("[" + ", ".join(f"!Select [0, {{'Fn::GetAZs': {text}}}]" for text in expressions) + "]")
    stack = stack_of(text, {"AWS::Region": "eu-west-1"})
    (value,) = answers(stack, lambda around: subject(stack)(around).items("P")).values()

    assert isinstance(value, Known)
    symbols = {zone.symbol for zone in (item.value() for item in value.value) if isinstance(zone, Unknown)}
    assert symbols == {Symbol("zone", ("AWS::Region", 0))}


def test_a_pinned_pseudo_parameter_is_known() -> None:
    assert evaluated("!Sub '${AWS::Region}'", {"AWS::Region": "eu-west-1"}) == "eu-west-1"
    assert evaluated("!Ref AWS::NotificationARNs", {"AWS::NotificationARNs": "a,b"}) == ["a", "b"]


def test_the_value_behind_a_systems_manager_parameter_is_never_the_name_given_for_it() -> None:
    assert evaluated("!Ref Image", {"Image": "/other"}) == (
        "? it is the value of the Systems Manager parameter that Image names"
    )
    assert evaluated("!Ref Image", {"Image.ResolvedValue": "ami-1"}) == "ami-1"


def test_with_assume_any_a_default_is_not_taken_for_the_value() -> None:
    assert evaluated("!Ref Name", assume_any=True) == ("? it depends on the parameter Name, which can have any value")


def test_a_parameter_cannot_take_the_place_of_a_pseudo_parameter() -> None:
    text = PREAMBLE.replace("Parameters:", "Parameters:\n  AWS::Region: {Type: String, Default: mine}")
    stack = stack_of(text + "  Subject: {Type: T, Properties: {P: !Ref AWS::Region}}")
    assert answers(stack, lambda around: plain(subject(stack)(around).value("P"))) == {
        "": "? it depends on AWS::Region"
    }


def nested(function: str, depth: int) -> object:
    expression: object = {"Ref": "Open"}
    for _ in range(depth):
        match function:
            case "Fn::Sub":
                expression = {"Fn::Sub": ["${x}", {"x": expression}]}
            case "Fn::Join":
                expression = {"Fn::Join": ["", [expression]]}
            case "Fn::Select":
                expression = {"Fn::Select": [0, [expression]]}
            case _:
                expression = {function: expression}
    return expression


def template_with(expression: object, **sections: object) -> str:
    resources = {"Subject": {"Type": "T", "Properties": {"P": expression}}}
    return json.dumps({"Parameters": {"Open": {"Type": "String"}}, "Resources": resources, **sections})


@pytest.mark.parametrize(
    ("function", "depth"),
    [
        ("Fn::Sub", 64),
        ("Fn::Join", 64),
        ("Fn::Select", 64),
        ("Fn::Base64", 190),
        ("Fn::ToJsonString", 190),
        ("Fn::Not", 95),
    ],
)
def test_functions_nested_as_deep_as_a_file_allows_are_a_value_or_an_evaluation_error(
    function: str, depth: int
) -> None:
    stack = stack_of(template_with(nested(function, depth)))
    with nullcontext() if depth <= 64 else suppress(EvaluationError):
        assert answers(stack, lambda around: plain(subject(stack)(around).value("P"))).keys() == {""}


def test_a_text_that_grows_with_every_level_is_not_built() -> None:
    expression: object = "y" * 100
    for _ in range(8):
        expression = {"Fn::Sub": ["${x}" * 500, {"x": expression}]}
    assert str(_only(template_with(expression))).startswith("? it is a text of ")


def test_a_text_longer_than_any_deployment_could_use_is_unknown() -> None:
    assert _only(template_with({"Fn::Sub": ["${x}" * 500, {"x": "y" * 2000}]})) == "y" * 1_000_000
    assert _only(template_with({"Fn::Sub": ["${x}" * 500, {"x": "y" * 2001}]})) == (
        "? it is a text of more than 1,000,000 characters"
    )


def test_unknown_pieces_that_grow_with_every_level_are_not_built() -> None:
    expression: object = {"Ref": "Open"}
    for _ in range(8):
        expression = {"Fn::Sub": ["${x}-" * 500, {"x": expression}]}
    assert str(_only(template_with(expression))).startswith("? ")


@pytest.mark.parametrize("function", ["Fn::Base64", "Fn::ToJsonString"])
def test_an_encoding_of_an_encoding_stops_growing(function: str) -> None:
    expression: object = "y" * 500_000 if function == "Fn::Base64" else ['"\\' * 1000]
    for _ in range(30):
        expression = {function: expression if function == "Fn::Base64" else [expression]}
    assert _only(template_with(expression)) == "? it is a text of more than 1,000,000 characters"


def _only(text: str) -> object:
    stack = stack_of(text)
    (found,) = answers(stack, lambda around: plain(subject(stack)(around).value("P"))).values()
    return found


def test_equal_calls_in_different_places_do_not_share_a_value_by_accident() -> None:
    """Values are cached by call; short-lived calls must not leave theirs to the next one at the same address."""
    names = [f"P{number}" for number in range(300)]
    parameters = "\n".join(f"  {name}: {{Type: String, Default: v-{name}}}" for name in names)
    properties = "\n".join(f"      {name}: !Sub '${{{name}}}'" for name in names)
    stack = stack_of(f"Parameters:\n{parameters}\nResources:\n  Subject:\n    Type: T\n    Properties:\n{properties}\n")
    (found,) = answers(stack, lambda around: plain(subject(stack)(around).value())).values()

    assert found == {name: f"v-{name}" for name in names}
