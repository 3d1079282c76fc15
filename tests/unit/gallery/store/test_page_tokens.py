from __future__ import annotations

from base64 import urlsafe_b64decode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid
from gallery.store.page_tokens import Listing, page_token, parse_page_token
from gallery.subject import ID_PATTERN

QUICK = settings(deadline=None, database=None)
LETTERS = "redis.019abf-=_YQ \0ü"


@QUICK
@given(st.from_regex(ID_PATTERN, fullmatch=True), st.sampled_from(Listing), st.sampled_from(["", "staff"]))
def test_a_page_token_gives_the_id_back(subject_id: str, listing: Listing, gallery: str) -> None:
    """A page token is parsed to the id it was made from, for any id, in its list and gallery only."""
    token = page_token(subject_id, listing, gallery)
    assert subject_id == parse_page_token(token, listing, gallery)
    assert len(subject_id) < 4 or subject_id.encode() not in urlsafe_b64decode(token)
    with pytest.raises(FieldInvalid, match="not returned by this call"):
        parse_page_token(token, listing, gallery + "x")


@QUICK
@given(st.text(LETTERS, min_size=1, max_size=20))
def test_text_that_is_no_page_token_is_refused(text: str) -> None:
    """Only the one text that encodes an id is accepted; any other raises FieldInvalid."""
    with suppress(FieldInvalid):
        assert text == page_token(parse_page_token(text, Listing.SUBJECTS), Listing.SUBJECTS)
