"""gallery.cluster.messages and importable: what is sent between processes."""

from __future__ import annotations

import pickle

import pytest

from biometrics.errors import BiofusionError, ConfigurationInvalid, FieldInvalid, GalleryNotFound, IndexBehind
from gallery.cluster.messages import Importable, Refused


@pytest.mark.parametrize(
    "error",
    [
        FieldInvalid("gallery", "It has the wrong form."),
        IndexBehind("Not yet.", partitions="1"),
        GalleryNotFound("No."),
    ],
)
def test_an_error_arrives_as_it_was(error: BiofusionError) -> None:
    """Class, message, reason and metadata are the same in the other process."""
    found = pickle.loads(pickle.dumps(Refused.of(error))).error
    assert type(error) is type(found)
    assert (error.message, error.reason, error.metadata) == (found.message, found.reason, found.metadata)
    assert str(error) == str(found)


def test_a_function_is_called_with_its_arguments() -> None:
    """Positional arguments of the caller come first, then the named ones."""
    assert 255 == Importable("builtins:int", {"base": 16}).make("ff")


@pytest.mark.parametrize("path", ["nowhere.at_all:thing", "builtins:thing", "builtins", ""])
def test_a_name_that_cannot_be_imported_is_refused(path: str) -> None:
    """The error names the path and says how to write it."""
    with pytest.raises(ConfigurationInvalid, match="module:name"):
        Importable(path).make()
