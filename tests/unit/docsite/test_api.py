from __future__ import annotations

import re
from pathlib import Path

import pytest

from docsite.api import overview, package_page
from docsite.contracts import Contract, read_contracts

ROOT = Path(__file__).parents[3]
SMALL = """// What it is for.
syntax = "proto3";
package small.v1;
import "google/api/field_behavior.proto";
// Asks.
service Asking {
  // Asks once, under request_id.
  // Possible errors:
  // - NOT_FOUND: nobody
  //   is there.
  rpc Ask(Question) returns (Question);
}
// A question.
message Question {
  // What | is asked.
  string text = 1 [(google.api.field_behavior) = REQUIRED];
  // By whom.
  optional Kind kind = 2;
  // How often, by name.
  map<string, int32> counts = 3;
  // An answer.
  oneof answer {
    // Yes, if <true>.
    bool yes = 4;
  }
  // Of what kind.
  enum Kind {
    // Not used.
    KIND_UNSPECIFIED = 0;
  }
}
// What is told.
message Told {
  // The answer.
  string text = 1 [(google.api.field_behavior) = OUTPUT_ONLY];
}
"""


@pytest.fixture(scope="module")
def contracts() -> dict[str, list[Contract]]:
    """Those of the project."""
    return read_contracts(ROOT / "protos", "biofusion")


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The page of a small contract."""
    (tmp_path / "small/v1").mkdir(parents=True)
    (tmp_path / "small/v1/small.proto").write_text(SMALL)
    behaviour = "google/api/field_behavior.proto"
    (tmp_path / behaviour).parent.mkdir(parents=True)
    (tmp_path / behaviour).write_text((ROOT / "protos" / behaviour).read_text())
    found = read_contracts(tmp_path, "small")
    return package_page("small.v1", found["small.v1"])


def test_methods(small: str) -> None:
    """A method has its messages, its comment, and its errors as a list; names in the text are code."""
    assert "### Ask { #Asking.Ask }\n\n[Question](#Question) → [Question](#Question)\n" in small
    assert "Asks once, under `request_id`.\nPossible errors:\n\n- `NOT_FOUND`: nobody\n  is there.\n" in small


def test_fields(small: str) -> None:
    """A field has its type, whether it is required, may be unset or is one of several, and its comment in one line."""
    assert "| `text` | string | required | What \\| is asked. |" in small
    assert "| `kind` | [Question.Kind](#Question.Kind) | may be unset | By whom. |" in small
    assert "| `counts` | map of string to int32 |  | How often, by name. |" in small
    assert "| `yes` | bool | one of `answer` | Yes, if &lt;true&gt;. |" in small
    assert "### Question.Kind { #Question.Kind }\n\nOf what kind.\n" in small


def test_what_all_fields_are_is_said_once(small: str) -> None:
    """Where all fields of a message are output only, that is said before the table."""
    assert "What is told.\n\nFields: output only.\n" in small
    assert "| `text` | string |  | The answer. |" in small


def test_files_of_a_package_are_told_apart(contracts: dict[str, list[Contract]]) -> None:
    """Where a package has several files, each says what it is for on a line of its own, by name and in order."""
    (row,) = re.findall(r"^\| \[biofusion\.fusion\.v1\]\(\S+\) \| (.*) \|$", overview(contracts), re.MULTILINE)
    page = package_page("biofusion.fusion.v1", contracts["biofusion.fusion.v1"])
    parts = ("decisions", "encounters", "fusion_models", "galleries", "jobs", "subjects")
    names = [f"{each}.proto" for each in parts]
    assert names == [line.partition("`: ")[0].strip("`") for line in row.split("<br>")]
    assert names == re.findall(r"^- `(\w+\.proto)`: \S", page, re.MULTILINE)


def test_a_file_alone_needs_no_name(small: str) -> None:
    """The page of a package of one file begins with what that file says."""
    assert small.startswith("# small.v1\n\nWhat it is for.\n\n## Asking ")


def test_nothing_is_left_out(contracts: dict[str, list[Contract]]) -> None:
    """Every service, method, message, field, enum and value of the project's contracts is on its package's page."""
    for package, of_package in contracts.items():
        page = package_page(package, of_package)
        for contract in of_package:
            named = [name for each in contract.file.service for name in (each.name, *(one.name for one in each.method))]
            named += [each.name for each in (*contract.file.message_type, *contract.file.enum_type)]
            assert [] == [name for name in named if not re.search(rf"^##+ {name} ", page, re.MULTILINE)]
            inner = [one.name for each in contract.file.message_type for one in each.field]
            inner += [one.name for each in contract.file.enum_type for one in each.value]
            assert [] == [name for name in inner if f"| `{name}` |" not in page]


def test_links_lead_to_headings(contracts: dict[str, list[Contract]]) -> None:
    """Every type and method that a page links to has a heading of that name, on this page or another."""
    pages = {package: package_page(package, of_package) for package, of_package in contracts.items()}
    places = {package: set(re.findall(r"\{ #(\S+) \}", page)) for package, page in pages.items()}
    everything = "\n".join(pages.values())
    links = [(to or "", name) for to, name in re.findall(r"\]\(([a-z0-9.]+?)?(?:\.md)?#([^)]+)\)", everything)]
    links += [(to, name) for to, name in re.findall(r"\]\(([a-z0-9.]+)\.md#([^)]+)\)", overview(contracts))]
    own = set().union(*places.values())
    assert [] == [link for link in links if link[1] not in places.get(link[0], own)]
