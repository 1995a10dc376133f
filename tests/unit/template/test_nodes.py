from __future__ import annotations

from infra_checks.template.nodes import Scalar, is_no_value, span_between, walk
from infra_checks.template.source import FixedMark, SourceFile, Span
from tests.unit.template.shapes import data, read


def test_marks_count_from_zero_and_spans_from_one() -> None:
    assert span_between(FixedMark(0, 2), FixedMark(3, 4)) == Span(1, 3, 4, 5)


def test_a_source_has_lines_without_their_ends() -> None:
    assert SourceFile("t.yaml", "a\r\nb\n").lines() == ["a", "b"]


def test_nodes_show_what_they_hold() -> None:
    root = read("{a: [1, !Ref b]}")

    assert repr(root) == "Mapping({'a': Sequence([Scalar(1), Call('Ref', Scalar('b'))])})"


def test_the_literal_of_a_scalar_is_what_cloudformation_compares() -> None:
    scalars = [node for _, node in walk(read("[TRUE, 'TRUE', false, 1.10, 010, a]")) if isinstance(node, Scalar)]

    assert [scalar.literal for scalar in scalars] == ["true", "TRUE", "false", "1.10", "010", "a"]


def test_a_walk_gives_parents_first_in_the_order_of_the_text() -> None:
    assert [path for path, _ in walk(read("{a: [x, {b: y}], c: !Sub z}"))] == [
        (),
        ("a",),
        ("a", 0),
        ("a", 1),
        ("a", 1, "b"),
        ("c",),
        ("c", "Fn::Sub"),
    ]


def test_no_value_is_a_reference_to_the_pseudo_parameter_alone() -> None:
    nodes = [node for path, node in walk(read("[!Ref AWS::NoValue, !Ref A, !Sub AWS::NoValue, a]")) if len(path) == 1]

    assert [is_no_value(node) for node in nodes] == [True, False, False, False]
    assert data(nodes[3]) == "a"
