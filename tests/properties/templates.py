"""Templates as Hypothesis draws them.

`closed_templates` have few parameters, all with AllowedValues, so that all their assignments can be tried;
`any_templates` have everything: open and hidden parameters, malformed calls, hostile texts.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.properties.rules import PART, THING

Data = dict[str, Any]

VALUES = ["good", "bad", "1", "true", "false"]
CONDITIONS = ["C0", "C1", "C2", "C3"]
NO_VALUE = {"Ref": "AWS::NoValue"}

HOSTILE = st.one_of(
    st.sampled_from(
        [
            *["", " ", "yes", "NULL", "0777", "1e3", "1_000", "٣", "²", "9" * 5000, "\0", "\x07", "\u2028", "ß", "😀"],
            *["${", "${}", "${A}", "${!A}", "${A.B}", "${AWS::NoValue}", "$${P0}", "{{resolve:ssm:a}}", "{{resolve:"],
            *[
                "{{resolve:secretsmanager:${P0}}}",
                "\0005\0{{resolve:ssm:x}}",
                "Fn::If",
                "Ref",
                "*",
                "a,b",
                ",",
                "=",
                "<<",
            ],
            *["AWS::Region", "AWS::NoValue", "P0", "C0", "R0", "M", "good", "true", "1"],
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
SCALARS = st.one_of(HOSTILE, st.booleans(), st.integers(-3, 300), st.sampled_from([0.5, 1.25, -3.75, 100.0]))


def one_of_names(count: int, letter: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{letter}{number}" for number in range(count)])


# Closed templates


@st.composite
def closed_templates(draw: st.DrawFn) -> Data:
    """A template whose parameters have few values each, and in which nothing is unknown."""
    parameters = {
        f"P{number}": {
            "Type": "String",
            "AllowedValues": draw(st.lists(st.sampled_from(VALUES), min_size=2, max_size=3)),
            **draw(st.sampled_from([{}, {"Default": "good"}])),
        }
        for number in range(draw(st.integers(1, 3)))
    }
    names = list(parameters)
    mapping = {
        value: {"a": draw(st.sampled_from(VALUES)), "b": draw(st.sampled_from([["good"], ["good", "bad"], []]))}
        for value in VALUES
    }
    conditions = {name: draw(_conditions(parameters, CONDITIONS[:at])) for at, name in enumerate(CONDITIONS)}
    leaf = _branched(st.one_of(_texts(names), st.booleans()))
    items = _branched(st.lists(_branched(st.fixed_dictionaries({"Text": leaf})), min_size=1, max_size=2))
    listed = st.sampled_from(names).map(lambda name: {"Fn::FindInMap": ["M", {"Ref": name}, "b"]})
    config = _branched(st.fixed_dictionaries({"Inner": _branched(st.fixed_dictionaries({"Name": leaf}))}))
    links = _branched(st.sampled_from([{"Ref": "R0"}, {"Fn::GetAtt": ["R0", "Arn"]}, "elsewhere"]))
    thing = _resource(
        THING,
        st.fixed_dictionaries({"Flag": leaf, "Text": leaf, "Items": items, "Config": config, "Part": links})
        | st.fixed_dictionaries({"Flag": leaf, "Items": listed, "Part": links}),
    )
    template: Data = {
        "Parameters": parameters,
        "Mappings": {"M": mapping},
        "Conditions": conditions,
        "Resources": {"R0": draw(_resource(PART, st.fixed_dictionaries({"Flag": leaf}))), "R1": draw(thing)},
    }
    if draw(st.booleans()):
        template["Rules"] = draw(_rules(names))
    return template


def _texts(names: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(VALUES),
        st.sampled_from(names).map(lambda name: {"Ref": name}),
        st.sampled_from(names).map(lambda name: {"Fn::Sub": "${" + name + "}"}),
        st.sampled_from(names).map(lambda name: {"Fn::FindInMap": ["M", {"Ref": name}, "a"]}),
        st.sampled_from(names).map(lambda name: {"Fn::Join": ["", [{"Ref": name}]]}),
        st.sampled_from(names).map(
            lambda name: {"Fn::Select": [0, {"Fn::Split": ["-", {"Fn::Sub": "${" + name + "}-x"}]}]}
        ),
    )


def _conditions(parameters: Data, declared: list[str]) -> st.SearchStrategy[Any]:
    names = list(parameters)
    pairs = [(name, value) for name, parameter in parameters.items() for value in parameter["AllowedValues"]]
    base = st.one_of(
        st.sampled_from(pairs).map(lambda pair: {"Fn::Equals": [{"Ref": pair[0]}, pair[1]]}),
        st.tuples(_texts(names), _texts(names)).map(lambda pair: {"Fn::Equals": list(pair)}),
        *[st.sampled_from(declared).map(lambda name: {"Condition": name})][: len(declared)],
    )
    several = st.lists(base, min_size=2, max_size=3)
    return st.one_of(
        base,
        base.map(lambda one: {"Fn::Not": [one]}),
        several.map(lambda items: {"Fn::And": items}),
        several.map(lambda items: {"Fn::Or": items}),
        several.map(lambda items: {"Fn::Or": [{"Fn::And": items}, {"Fn::Not": [items[0]]}]}),
    )


def _branched(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values, and choices between them by conditions, up to two deep."""
    whole = st.one_of(values, st.just(NO_VALUE))
    once = st.tuples(st.sampled_from(CONDITIONS), values, whole).map(lambda items: {"Fn::If": list(items)})
    twice = st.tuples(st.sampled_from(CONDITIONS), once, once).map(lambda items: {"Fn::If": list(items)})
    return st.one_of(values, once, twice)


def _resource(kind: str, properties: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    return st.fixed_dictionaries(
        {"Type": st.just(kind)},
        optional={"Properties": _branched(properties), "Condition": st.sampled_from(CONDITIONS)},
    )


def _rules(names: list[str]) -> st.SearchStrategy[Data]:
    operand = st.sampled_from(names).map(lambda name: {"Ref": name})
    equals = st.tuples(operand, st.sampled_from(VALUES)).map(lambda pair: {"Fn::Equals": list(pair)})
    contains = st.tuples(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3), operand).map(
        lambda pair: {"Fn::Contains": list(pair)}
    )
    either = st.one_of(equals, contains, equals.map(lambda one: {"Fn::Not": [one]}))
    assertions = st.fixed_dictionaries(
        {"Assertions": st.lists(either.map(lambda one: {"Assert": one}), min_size=1, max_size=2)},
        optional={"RuleCondition": either},
    )
    return st.dictionaries(st.sampled_from(["X", "Y"]), assertions, min_size=1, max_size=2)


def assignments(template: Data) -> list[dict[str, str]]:
    """Every combination of the parameters' AllowedValues."""
    found: list[dict[str, str]] = [{}]
    for name, parameter in template["Parameters"].items():
        values = dict.fromkeys(parameter["AllowedValues"])
        found = [{**rest, name: value} for rest in found for value in values]
    return found


# Any templates


@st.composite
def any_templates(draw: st.DrawFn) -> Data:
    """A template in which anything may be open, hidden, malformed or hostile, but which is YAML and JSON."""
    conditions = draw(st.fixed_dictionaries({}, optional={f"C{number}": any_expressions() for number in range(4)}))
    for name in draw(st.sets(one_of_names(4, "C"), min_size=2)):
        conditions[name] = {"Fn::Equals": [draw(_references()), draw(st.one_of(SCALARS, _references()))]}
    properties = st.dictionaries(
        st.sampled_from(["Flag", "Text", "Items", "Config", "Part", "Fn::ForEach::L"]), any_expressions(), max_size=4
    )
    resource = st.fixed_dictionaries(
        {"Type": st.sampled_from([THING, PART, THING])},
        optional={"Properties": st.one_of(properties, any_expressions()), "Condition": one_of_names(4, "C")},
    )
    resources: Data = draw(st.dictionaries(one_of_names(3, "R"), resource, min_size=1, max_size=3))
    if draw(st.booleans()):
        body = draw(st.fixed_dictionaries({"F${X}": resource}))
        collection = draw(st.one_of(st.lists(HOSTILE, max_size=2), any_expressions()))
        resources["Fn::ForEach::Loop"] = ["X", collection, body]
    template: Data = {
        "Parameters": draw(st.dictionaries(one_of_names(4, "P"), any_parameters(), max_size=4)),
        "Mappings": {"M": {value: {"a": draw(SCALARS), "b": [draw(SCALARS)]} for value in VALUES[:3]}},
        "Conditions": conditions,
        "Resources": resources,
    }
    if draw(st.integers(0, 3)) == 0:
        template["Rules"] = {"X": {"Assertions": [{"Assert": draw(any_expressions())}]}}
    return template


def any_parameters() -> st.SearchStrategy[Data]:
    kinds = ["String", "Number", "CommaDelimitedList", "List<Number>", "AWS::EC2::VPC::Id"]
    return st.fixed_dictionaries(
        {"Type": st.sampled_from([*kinds, "AWS::SSM::Parameter::Value<String>"])},
        optional={
            "Default": SCALARS,
            "AllowedValues": st.lists(st.one_of(st.sampled_from(VALUES), SCALARS), max_size=3),
            "NoEcho": st.booleans(),
            "MinLength": SCALARS,
            "AllowedPattern": st.sampled_from([".+", "", "[", "a{99999999999}", "[[a]", "[a-z&&[^b]]", "(" * 500]),
        },
    )


def any_expressions() -> st.SearchStrategy[Any]:
    return st.recursive(st.one_of(SCALARS, st.none(), _references()), _calls, max_leaves=6)


def _references() -> st.SearchStrategy[Any]:
    names = st.sampled_from(["P0", "P1", "P2", "P3", "R0", "R1", "AWS::Region", "AWS::NoValue", "X", "Nobody"])
    return st.one_of(
        names.map(lambda name: {"Ref": name}),
        names.map(lambda name: {"Fn::GetAtt": [name, "Arn"]}),
        names.map(lambda name: {"Fn::Sub": "a${" + name + "}"}),
        names.map(lambda name: {"Fn::Sub": "${" + name + ".Arn}"}),
        names.map(lambda name: {"Fn::FindInMap": ["M", {"Ref": name}, "a"]}),
        names.map(lambda name: {"Fn::ImportValue": {"Ref": name}}),
        st.just({"Fn::GetAZs": ""}),
        st.just({"Condition": "C0"}),
    )


def _calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.lists(inner, max_size=3)
    functions = ["Join", "Split", "Select", "Cidr", "Sub", "FindInMap", "Equals", "And", "Or", "Not", "Base64", "If"]
    names = [
        f"Fn::{name}" for name in [*functions, "Length", "ToJsonString", "GetAZs", "ImportValue", "Transform", "Nobody"]
    ]
    return st.one_of(
        items,
        st.dictionaries(st.sampled_from(["Text", "Inner", "Name", "Flag", "Q"]), inner, max_size=3),
        st.tuples(st.sampled_from(names), st.one_of(items, inner)).map(lambda pair: {pair[0]: pair[1]}),
        st.tuples(one_of_names(4, "C"), inner, inner).map(lambda triple: {"Fn::If": list(triple)}),
        st.tuples(HOSTILE, items).map(lambda pair: {"Fn::Join": list(pair)}),
        st.tuples(HOSTILE, st.dictionaries(st.just("A"), inner)).map(lambda pair: {"Fn::Sub": list(pair)}),
        st.tuples(st.integers(0, 2), items).map(lambda pair: {"Fn::Select": list(pair)}),
        st.tuples(inner, inner).map(lambda pair: {"Fn::FindInMap": ["M", *pair, {"DefaultValue": "good"}]}),
    )
