"""The policy's file: TOML, read strictly (docs/reference/policy.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from fusion.access.names import EVERYTHING
from fusion.access.needs import ANY, Needs
from fusion.access.operations import DECIDING, NOWHERE, UNVEILING, Operation
from fusion.access.policy import Detail, Per, Policy, Quota, Rule
from fusion.access.tables import Table, closed, known, wrong
from gallery.subject import ID_PATTERN
from infra.identity.intent import SAFE

FORMAT = 1
"""Number of the format that this version reads."""

MOST_BYTES = 1024 * 1024

KINDS = (*(each.lower() for each in Modality), ANY)


def policy_of(raw: bytes) -> Policy:
    """The policy in a file's bytes.

    Raises:
        ConfigurationInvalid: it cannot be used; the message names the line or the path, and what is needed there.
    """
    with closed(Table(_parsed(raw))) as file:
        if file.count("format") != FORMAT:
            raise wrong("format", f"{FORMAT} is needed: this version reads no other")
        version, purposes = file.text("version"), file.texts("purposes")
        if not SAFE.fullmatch(version):
            raise wrong("version", "letters, digits and . _ : / + @ = - are allowed")
        for each in purposes:
            if not SAFE.fullmatch(each):
                raise wrong("purposes", f"{each[:80]!r} cannot be stated in metadata; use letters, digits and hyphens")
        groups = dict(_groups(file.table("callers")))
        return Policy(
            version,
            sha256(raw).hexdigest()[:12],
            frozenset(purposes),
            tuple(_needs(file.table("galleries"))),
            _rules(file, groups, purposes),
            groups,
        )


def _parsed(raw: bytes) -> dict[str, object]:
    if len(raw) > MOST_BYTES:
        raise wrong("", f"it has more than {MOST_BYTES} bytes")
    try:
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError:
        raise wrong("", "it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid(f"The policy cannot be used: it is no TOML: {error}.") from None


def _groups(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Groups of callers. A pattern ends with a whole part of a name, so that `desk*` cannot mean `desk-of-others`."""
    for name in table.names():
        patterns = table.texts(name)
        for each in patterns:
            body = each.removesuffix("*")
            if "*" in body or (each.endswith("*") and each != EVERYTHING and not body.endswith(("/", "#"))):
                raise wrong(table.at(name), f"{each[:80]!r}: a pattern is * alone, or ends with /* or #*")
        yield name, patterns


def _needs(table: Table) -> Iterator[tuple[str, Operation, Needs]]:
    for name in table.names():
        _check_gallery(name, table.at(name))
        with closed(table.table(name)) as gallery:
            for operation in sorted(DECIDING):
                alternatives = tuple(_alternative(each) for each in gallery.tables(f"{operation}_needs"))
                if alternatives:
                    yield name, operation, Needs(alternatives)


def _alternative(table: Table) -> tuple[tuple[str, int], ...]:
    known(table.names(), KINDS, table.path, "kind of evidence")
    if not table.names():
        raise wrong(table.path, "at least one kind of evidence is needed")
    return tuple((kind, table.count(kind, 64)) for kind in table.names())


def _rules(file: Table, groups: Mapping[str, tuple[str, ...]], purposes: tuple[str, ...]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for table in file.tables("rules"):
        rule = _rule(table, groups, purposes)
        if rule.name in rules:
            raise wrong(table.at("name"), "another rule has this name")
        rules[rule.name] = rule
    if not rules:
        raise wrong("rules", "at least one is needed; what no rule allows is refused")
    return tuple(rules.values())


def _rule(table: Table, groups: Mapping[str, tuple[str, ...]], purposes: tuple[str, ...]) -> Rule:
    name, callers, named = table.text("name"), table.texts("callers"), table.texts("operations")
    if not SAFE.fullmatch(name):
        raise wrong(table.at("name"), "letters, digits and . _ : / + @ = - are allowed")
    known(callers, groups, table.at("callers"), "group of callers")
    known(named, [each.value for each in Operation], table.at("operations"), "operation")
    operations = frozenset(map(Operation, named))
    galleries = table.texts("galleries", is_needed=not operations <= NOWHERE)
    for each in galleries:
        _check_gallery(each, table.at("galleries"))
    wanted = table.texts("purposes")
    known(wanted, (*purposes, EVERYTHING), table.at("purposes"), "declared purpose")
    quotas = tuple(_quota(each, operations) for each in table.tables("quotas"))
    detail = table.choice("detail", Detail, Detail.FULL)
    telling = ", ".join(sorted(operations & UNVEILING))
    if telling and detail is not Detail.FULL:
        raise wrong(
            table.at("detail"), f"the operation {telling} tells raw scores: allow it in a rule with full detail"
        )
    return Rule(
        name,
        tuple(dict.fromkeys(chain.from_iterable(groups[each] for each in callers))),
        operations,
        galleries,
        frozenset(wanted),
        table.flag("require_case"),
        table.flag("require_officer"),
        detail,
        quotas,
    )


def _quota(table: Table, operations: frozenset[Operation]) -> Quota:
    quota = Quota(
        table.count("count"), table.seconds("window"), table.choice("per", Per, Per.CALLER), table.flag("only_misses")
    )
    if quota.only_misses and not operations <= DECIDING:
        raise wrong(table.at("only_misses"), "the rule has operations without an outcome; it may have verify, identify")
    return quota


def _check_gallery(name: str, path: str) -> None:
    if name != EVERYTHING and not ID_PATTERN.fullmatch(name.removesuffix("*")):
        raise wrong(path, f"{name[:80]!r} is no name of a gallery, and no pattern: * alone, or at the end of a name")
