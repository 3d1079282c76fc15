from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.main import cli
from fusion.access.operations import Operation
from fusion.access.policy import Detail, Per
from fusion.wire.access.methods import METHODS
from tests.unit.fusion.policies import BORDER, DESK, written

DOCS = Path(__file__).parents[4] / "docs"
HOW_TO, REFERENCE = (DOCS / each for each in ("how-to/policy.md", "reference/policy.md"))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["policy", *words])
    return int(str(caught.value.code)), capsys.readouterr().out


def test_check_tells_what_a_policy_allows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules and findings as a table, and as JSON."""
    path = str(written(tmp_path, BORDER))
    code, text = run(capsys, "check", path)
    assert 0 == code
    assert "desks-verify" in text
    assert "can be used: 9 rules" in text
    code, text = run(capsys, "check", path, "--json")
    told: dict[str, Any] = json.loads(text)
    assert (0, 9, "1") == (code, len(told["rules"]), told["version"])
    assert "Rule people tells full scores" in told["findings"][-1][:29]


def test_check_refuses_a_policy_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It exits with 3, and names what is wrong."""
    code, text = run(capsys, "check", str(written(tmp_path, BORDER + "oops = 1")), "--json")
    assert (3, "CONFIGURATION_INVALID") == (code, json.loads(text)["error"]["reason"])
    assert "rules[8].oops" in json.loads(text)["error"]["message"]


def test_explain_names_the_rule_or_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says whether the call is allowed; methods are named in several ways."""
    path = str(written(tmp_path, BORDER))
    words = ("explain", path, "--caller", DESK, "--gallery", "residents", "--method")
    for method in ("VerifySubject", "DecisionService/VerifySubject", "verify"):
        code, text = run(capsys, *words, method, "--purpose", "border")
        assert 0 == code
        assert "Allowed: verify by the rule desks-verify" in text
    code, text = run(capsys, *words, "VerifySubject", "--json")
    told = json.loads(text)
    assert (4, False, "PURPOSE_MISSING") == (code, told["isAllowed"], told["reason"])
    assert "a purpose must be stated" == told["rules"]["desks-verify"]
    assert 3 == run(capsys, *words, "Verify")[0]


def test_the_example_of_the_guide_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file in docs/how-to/policy.md is checked without a finding, and its explanations are as printed there."""
    text = HOW_TO.read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "policy.toml"
    path.write_text(example, encoding="utf-8")
    code, told = run(capsys, "check", str(path), "--json")
    assert (0, []) == (code, json.loads(told)["findings"])
    asked = re.findall(r"^    biofusion policy explain policy\.toml (.*)\n    (.*)$", text, re.MULTILINE)
    assert len(asked) == 3
    for words, answer in asked:
        assert answer == run(capsys, "explain", str(path), *words.split())[1].splitlines()[-1]


def test_the_reference_names_every_operation_and_choice() -> None:
    """docs/reference/policy.md has each operation with its methods, each detail and each unit of a quota."""
    text = REFERENCE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", text, re.MULTILINE))
    for operation in Operation:
        methods = sorted({each.name.rpartition("/")[2] for each in METHODS.values() if each.operation is operation})
        assert methods == sorted(re.findall(r"[A-Z]\w+", rows[operation.value].replace(",", " ")))
    for each in (*(detail.name.lower() for detail in Detail), *(per.value for per in Per)):
        assert f"`{each}`" in text
