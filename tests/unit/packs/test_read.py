from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.core.finding import Effect, Severity
from infra_checks.errors import PackError
from infra_checks.packs.selectors import Kind, Selector

if TYPE_CHECKING:
    from tests.unit.packs.conftest import Folder


def test_a_pack_says_everything_it_can(folder: Folder) -> None:
    pack = folder.read(
        """
        description: one line
        pins:
          EnvironmentName: [production, prod]
          Count: 012
          Flag: True
          AWS::Region: eu-west-1
          Ami.ResolvedValue: ami-1
          Empty: ""
        undecided: block
        rules:
          all: {effect: block}
          severity:low: {severity: info}
          rds-backup-: {options: {minimum-days: 14, share: 1, engines: [a, b], strict: true, window: day}}
          rds-storage-encrypted: off
        """
    )
    assert (pack.name, pack.description, pack.file) == ("own", "one line", "own.yaml")
    assert pack.undecided == {"all": Effect.BLOCK}
    assert pack.pins == {
        "EnvironmentName": ("production", "prod"),
        "Count": ("012",),
        "Flag": ("true",),
        "AWS::Region": ("eu-west-1",),
        "Ami.ResolvedValue": ("ami-1",),
        "Empty": ("",),
    }
    whole, low, backup, encrypted = pack.settings
    assert (whole.selector, whole.effect, whole.severity, whole.options) == (Selector(Kind.ALL), Effect.BLOCK, None, {})
    assert (low.effect, low.severity) == (None, Severity.INFO)
    assert backup.options == {"minimum_days": 14, "share": 1, "engines": ("a", "b"), "strict": True, "window": "day"}
    assert encrypted.effect is Effect.OFF
    assert encrypted.file == "own.yaml"
    assert encrypted.span is not None
    assert encrypted.span.line == 15


def test_a_pack_with_a_name_alone_says_nothing(folder: Folder) -> None:
    pack = folder.read("")
    assert (pack.description, pack.settings, pack.pins, pack.undecided) == ("", (), {}, {})


def test_a_pack_may_be_json(folder: Folder) -> None:
    pack = folder.load(folder.write("own.json", '{"name": "own", "rules": {"all": "warn"}}'))
    assert [setting.effect for setting in pack.settings] == [Effect.WARN]


@pytest.mark.parametrize(("word", "effect"), [("ignore", Effect.OFF), ("warn", Effect.WARN), ("block", Effect.BLOCK)])
def test_open_questions_have_their_own_words(folder: Folder, word: str, effect: Effect) -> None:
    assert folder.read(f"undecided: {word}").undecided == {"all": effect}


WRONG = [
    ("rule: {}", "2:1: a policy pack has no key 'rule'; did you mean rules"),
    (
        "zzzzzz: 1",
        (
            "2:1: a policy pack has no key 'zzzzzz'; known are name, description, extends, environment, pins, regions, "
            "accounts, only, except, undecided, tags, rules, own-rules, rule-files, rule-packages, waivers, "
            "suppressions"
        ),
    ),
    ("name: other", "2:1: key 'name' is given twice; it is first given at line 1, column 1"),
    ("description: 12", "2:14: must be text; put numbers and the like in quotes"),
    ("description: [a]", "2:14: must be text; put numbers and the like in quotes"),
    ("extends: {baseline: x}", "2:10: extends must be text or a list of texts"),
    ("extends: [baseline, baseline]", "2:21: extends 'baseline' twice"),
    ("extends: [1]", "2:11: must be text; put numbers and the like in quotes"),
    ("undecided: off", "2:12: undecided must be block, warn or ignore, not 'off'"),
    ("undecided: [warn]", "2:12: undecided must be block, warn or ignore"),
    ("undecided: {encription: warn}", "2:13: undecided has no key 'encription'; did you mean encryption?"),
    (
        "undecided: {iam: warning}",
        "2:18: undecided iam must be block, warn or ignore, not 'warning'; did you mean warn?",
    ),
    ("environment: [a]", "2:14: must be text; put numbers and the like in quotes"),
    ("environment: Prod", "2:14: environment 'Prod' must be of lower-case letters, digits and single hyphens"),
    ("regions: eu-west", "2:10: regions: 'eu-west' is not a Region such as eu-west-1"),
    ("regions: []", "2:10: regions has no values"),
    ("accounts: [123456789012]", "2:12: must be text; put numbers and the like in quotes"),
    ("accounts: ['12345']", "2:12: accounts: '12345' is not an account id of 12 digits, in quotes"),
    ("only: {}", "2:7: only says nothing; give it templates, resources or types"),
    ("only: {template: a}", "2:8: only has no key 'template'; did you mean templates?"),
    ("except: {resources: []}", "2:21: except resources has no pattern"),
    ("except: {types: [a, a]}", "2:21: except types 'a' twice"),
    ("only: {templates: '!'}", "2:19: only templates '!' is not a pattern of a .gitignore file: "),
    ("tags: [Owner]", "2:7: tags must be a mapping"),
    ("tags: {Owner: 1}", "2:15: tag Owner must be true, a regular expression in quotes or a list of values"),
    ("tags: {Owner: '[a'}", "2:15: tag Owner '[a' is not a regular expression: unterminated character set"),
    ("tags: {Owner: []}", "2:15: tag Owner has no values"),
    ("tags: {Owner: {}}", "2:15: tag Owner says nothing; name an environment and the values the tag may have"),
    ("tags: {Owner: {live: '(a'}}", "2:22: tag Owner of live '(a' is not a regular expression: missing )"),
    ("tags: {a=b: true}", "2:8: 'a=b' is not the key of a tag: it is empty or has a = in it"),
    ("rules: {all: {only: {type: x}}}", "2:22: only has no key 'type'; did you mean types?"),
    ("own-rules: {single: {}}", "2:13: rule id 'single' is not of the form words-with-hyphens, two at least"),
    ("own-rules: {a-b: {typ: x}}", "2:19: a-b has no key 'typ'; did you mean type?"),
    ("own-rules: {a-b: {path: A}}", "2:13: rule a-b has no type"),
    ("own-rules: {a-b: {type: Bucket, path: A}}", "2:25: 'Bucket' is not a resource type such as AWS::S3::Bucket"),
    ("own-rules: {a-b: {type: A::B, must: {exists: true}}}", "2:13: rule a-b needs either a path (below Properties)"),
    ("own-rules: {a-b: {type: A::B, path: A.}}", "2:37: 'A.' is not a path such as Tags[].Key"),
    ("own-rules: {a-b: {type: A::B, attribute: DeletePolicy}}", "2:42: attribute must be DeletionPolicy, "),
    (
        "own-rules: {a-b: {type: A::B, path: A, must: {equal: 1}}}",
        "2:47: must has no key 'equal'; did you mean equals?",
    ),
    ("own-rules: {a-b: {type: A::B, path: A, must: {}}}", "2:46: must says nothing; give it one of exists, equals"),
    ("own-rules: {a-b: {type: A::B, path: A, must: {match: '(a'}}}", "2:54: match '(a' is not a regular expression"),
    ("own-rules: {a-b: {type: A::B, path: A, must: {at-least: x}}}", "2:57: at-least must be a number"),
    ("own-rules: {a-b: {type: A::B, path: A, must: {exists: x}}}", "2:55: exists must be true or false"),
    ("own-rules: {a-b: {type: A::B, path: A, must: {equals: [x]}}}", "2:55: equals must be a text, a number, true or"),
    ("own-rules: {a-b: {type: A::B, path: A, must: {exists: true}}}", "2:13: rule a-b has no message"),
    ("pins: [A]", "2:7: pins must be a mapping"),
    ("pins: {A: }", '2:11: pin A has no value; write "" for the empty text'),
    ("pins: {A: []}", "2:11: pin A has no values"),
    ("pins: {A: {b: c}}", "2:11: pin A must be text or a list of texts"),
    ("pins: {A: [[b]]}", "2:12: pin A must be text or a list of texts"),
    ("pins: {My-Name: b}", "2:8: 'My-Name' is not the name of a parameter"),
    ("pins: {'AWS::Regoin': b}", "2:8: 'AWS::Regoin' is not the name of a parameter; did you mean AWS::Region?"),
    ("rules: all", "2:8: rules must be a mapping"),
    ("rules: {all: }", "2:14: all must be block, warn or off"),
    ("rules: {all: false}", "2:14: all must be block, warn or off, not 'false'"),
    ("rules: {all: [warn]}", "2:14: all must be a mapping"),
    ("rules: {all: {}}", "2:14: all says nothing; give it an effect, a severity or options"),
    ("rules: {all: {efect: warn}}", "2:15: all has no key 'efect'; did you mean effect?"),
    ("rules: {all: {effect: ignore}}", "2:23: effect must be block, warn or off, not 'ignore'"),
    ("rules: {all: {severity: HIGH}}", "2:25: severity must be info, low, medium, high or critical, not 'HIGH'"),
    ("rules: {family:encription: off}", "2:9: there is no family 'encription'; did you mean encryption?"),
    (
        "rules:\n  all: warn\n  s3-bucket-login: off",
        "4:3: no rule, id prefix, family or severity is called 's3-bucket-login'; did you mean s3-bucket-logging?",
    ),
    ("rules: {high: off, severity:high: off}", "2:20: 'severity:high' names the same rules as 'high' before it"),
    ("rules: {rds-storage-encrypted: off, rds-encrypted: off}", "2:37: 'rds-encrypted' names the same rules as"),
    ("rules: {s3: {options: 1}}", "2:23: options must be a mapping"),
    (
        "rules: {rds: {options: {minimum-day: 1}}}",
        "2:25: no rule named here has an option 'minimum-day'; did you mean minimum-days?",
    ),
    (
        "rules: {rds: {options: {minimum_days: 1}}}",
        "2:25: no rule named here has an option 'minimum_days'; did you mean minimum-days?",
    ),
    (
        "rules: {s3: {options: {minimum-days: 1}}}",
        "2:24: no rule named here has an option 'minimum-days'; the rules named here have no options",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text for text, _ in WRONG])
def test_a_mistake_is_named_with_its_place(folder: Folder, text: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        folder.read(text)
    assert str(caught.value).startswith(f"own.yaml:{message}")


@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [
        ("minimum-days", "fourteen", "a number"),
        ("minimum-days", "true", "a number"),
        ("minimum-days", "", "a number"),
        ("share", "'1'", "a number"),
        ("strict", "on", "true or false"),
        ("strict", "1", "true or false"),
        ("window", "12", "text, in quotes if it looks like a number"),
        ("window", "{a: b}", "text, in quotes if it looks like a number"),
        ("engines", "mysql", "a list of texts, each in quotes if it looks like a number"),
        ("engines", "[123456789012]", "a list of texts, each in quotes if it looks like a number"),
        ("engines", "[[a]]", "a list of texts, each in quotes if it looks like a number"),
    ],
)
def test_an_option_is_of_the_kind_of_its_default(folder: Folder, option: str, value: str, kind: str) -> None:
    with pytest.raises(PackError, match=f"option {option} must be {kind}$"):
        folder.read(f"rules: {{rds-backup-retention: {{options: {{{option}: {value}}}}}}}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "own.yaml: is empty"),
        ("[a]", "own.yaml:1:1: a policy pack must be a mapping"),
        ("rules: {}", "own.yaml:1:1: has no name; begin it with `name: my-pack`"),
        ("name: My Pack", "own.yaml:1:7: name 'My Pack' must be of lower-case letters, digits and single hyphens"),
        ("name: a\n\tb: c", "own.yaml:2:1: is not valid YAML: a tab stands where only spaces may indent"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(folder: Folder, text: str, message: str) -> None:
    folder.write("own.yaml", text)
    with pytest.raises(PackError) as caught:
        folder.load("own.yaml")
    assert str(caught.value) == message
