from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid
from fusion.access.operations import Operation
from fusion.access.policy import Detail, Per, Quota
from fusion.access.reading import policy_of
from tests.unit.fusion.policies import BORDER, HEAD, rule

ALLOWED = rule("r", '"desks"', '"verify"', '"a"', '"border"')


def test_a_policy_is_read() -> None:
    """Groups become names and patterns, lengths of time seconds, and all that a rule states is kept."""
    more = 'detail = "coarse"\nrequire_case = true\nquotas = [{ count = 5, window = "2h", per = "subject" }]'
    text = HEAD + '[galleries."w*"]\nidentify_needs = [{ fingerprint = 2 }, { face = 1, iris = 1 }]\n'
    text += rule("r", '"desks", "reports"', '"verify"', '"a", "b*"', '"border"', more)
    policy = policy_of(text.encode())
    (found,) = policy.rules
    assert ("spiffe://b.example/desk/*", "spiffe://b.example/reports") == found.callers
    assert (frozenset({Operation.VERIFY}), ("a", "b*"), Detail.COARSE) == (
        found.operations,
        found.galleries,
        found.detail,
    )
    assert (True, False, (Quota(5, 7200.0, Per.SUBJECT),)) == (
        found.require_case,
        found.require_officer,
        found.quotas,
    )
    (needs,) = policy.needed("watchlist", Operation.IDENTIFY)
    assert "2 × fingerprint or 1 × face and 1 × iris" == str(needs)
    assert () == policy.needed("other", Operation.IDENTIFY) + policy.needed("watchlist", Operation.VERIFY)


def test_the_digest_is_of_the_bytes() -> None:
    """Two files of one version are told apart."""
    one, other = policy_of(BORDER.encode()), policy_of((BORDER + "\n# changed\n").encode())
    assert ("1", "1") == (one.version, other.version)
    assert one.label != other.label
    assert 12 == len(one.digest)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("format = 1\nversion = x\n", "line 2"),
        (HEAD.replace("format = 1", "format = 2") + ALLOWED, "format: 1 is needed"),
        (HEAD.replace('version = "1"', "version = 1") + ALLOWED, "version: a text"),
        ("purpose = 1\n" + HEAD + ALLOWED, "purpose: there is no such key"),
        (HEAD + ALLOWED + 'quota = "x"', "rules[0].quota: there is no such key"),
        (HEAD + rule("r", '"nobody"', '"verify"', '"a"', '"border"'), "rules[0].callers: 'nobody' is no group"),
        (
            HEAD + rule("r", '"desks"', '"verifies"', '"a"', '"border"'),
            "rules[0].operations: 'verifies' is no operation",
        ),
        (HEAD + rule("r", '"desks"', '"verify"', '"a"', '"fishing"'), "rules[0].purposes: 'fishing' is no declared"),
        (HEAD + rule("r", '"desks"', '"verify"', "", '"border"'), "rules[0].galleries: at least one"),
        (HEAD + rule("r", '"desks"', '"verify"', '"*a"', '"border"'), "rules[0].galleries: '*a' is no name"),
        (HEAD + ALLOWED + ALLOWED, "rules[1].name: another rule"),
        (HEAD, "rules: at least one"),
        (HEAD.replace("desk/*", "desk*") + ALLOWED, "callers.desks: 'spiffe://b.example/desk*': a pattern"),
        (HEAD + "[galleries.a]\nidentify_needs = [{ voice = 1 }]" + ALLOWED, "identify_needs[0]: 'voice' is no kind"),
        (HEAD + "[galleries.a]\nidentify_needs = [{ face = 0 }]" + ALLOWED, "identify_needs[0].face: a number from 1"),
        (HEAD + "[galleries.a]\nneeds = []" + ALLOWED, "galleries.a.needs: there is no such key"),
        (HEAD + ALLOWED + 'quotas = [{ count = 1, window = "1y" }]', "rules[0].quotas[0].window: a length of time"),
        (HEAD + ALLOWED + 'quotas = [{ window = "1h" }]', "rules[0].quotas[0].count: a number"),
        (HEAD + ALLOWED + 'detail = "some"', "rules[0].detail: one of full, coarse, outcome"),
        (
            HEAD
            + rule("r", '"desks"', '"read"', '"a"', '"border"', 'quotas = [{count=1, window="1h", only_misses=true}]'),
            "rules[0].quotas[0].only_misses: the rule has operations without an outcome",
        ),
        (
            HEAD + rule("r", '"desks"', '"verify", "explain"', '"a"', '"border"', 'detail = "outcome"'),
            "rules[0].detail: the operation explain tells raw scores",
        ),
        (
            HEAD + rule("r", '"desks"', '"match"', '"a"', '"border"', 'detail = "coarse"'),
            "rules[0].detail: the operation match tells raw scores",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    """A file that cannot be used is refused with the line or the path of what is wrong in it."""
    with pytest.raises(ConfigurationInvalid) as caught:
        policy_of(text.encode())
    assert told in caught.value.message


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file in another encoding, or a huge one, is refused."""
    for raw in (b"\xff\xfe", b"#" * (1 << 21)):
        with pytest.raises(ConfigurationInvalid):
            policy_of(raw)
