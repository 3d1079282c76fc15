"""Extracting a set: failures are recorded, and an interrupted run can be resumed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image as Pillow

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from evaluation.protocol.extract_set import extract_set
from evaluation.protocol.template_cache import Sample, TemplateCache


@pytest.fixture
def rows(images_csv):
    """The 18 images."""
    return read_images(images_csv, Modality.FINGERPRINT)


def test_each_image_gives_a_template_or_a_reason(rows, extractor, tmp_path):
    """The black image failed with its reason, an undecodable one with its own, the rest are in order."""
    rows[1].path.write_bytes(b"no image")
    steps = []
    samples = extract_set(rows, extractor, tmp_path / "cache", 2, lambda *step: steps.append(step))

    assert ["TOO_DARK", "IMAGE_UNDECODABLE"] == [sample.failure for sample in samples[:2]]
    assert [b"", b"", b"2.0", b"30.0"] == [sample.template for sample in samples[:4]]
    assert [0.0, 50.0] == [samples[0].quality, samples[2].quality]
    assert [(done, 18) for done in range(19)] == steps


def test_an_interrupted_run_is_resumed(rows, extractor, tmp_path):
    """After Ctrl-C at the eighth image, a second run extracts only the remaining ones, and a third none."""
    extractor.fail_after = 7
    with pytest.raises(KeyboardInterrupt):
        extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)
    extractor.fail_after = 10**9
    samples = extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)
    again = extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)

    assert 18 == len(extractor.calls) == len(set(extractor.calls))
    assert samples == again


def test_a_changed_image_resolution_position_or_model_is_extracted_again(rows, extractor, tmp_path):
    """The cache key of an image covers everything that its template depends on."""
    extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)
    Pillow.new("L", (40, 40), 200).save(rows[3].path)
    rows[4] = replace(rows[4], resolution_dpi=569.0)
    rows[5] = replace(rows[5], position=Position.LEFT_THUMB)
    extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)

    assert [200.0, 31.0, 32.0] == extractor.calls[18:]
    assert [None, 569.0, None] == extractor.resolutions[18:]
    extractor.model_id = "brightness-2"
    extract_set(rows, extractor, tmp_path / "cache", 1, lambda *_: None)
    assert 18 + 3 + 18 == len(extractor.calls)


@pytest.mark.parametrize("cut", [1, 20])
def test_a_half_written_entry_is_cut_off(tmp_path, cut):
    """A file that ends within an entry keeps the entries before it, and can be appended to."""
    path = tmp_path / "cache"
    samples = [Sample(b"template", 50.0, "", 0.1), Sample(b"", 0.0, "TOO_DARK", 0.2)]
    with TemplateCache(path) as cache:
        for key, sample in zip("ab", samples, strict=True):
            cache.put(key, sample)
    path.write_bytes(path.read_bytes()[:-cut])
    with TemplateCache(path) as cache:
        assert [samples[0], None] == [cache.get("a"), cache.get("b")]
        cache.put("b", samples[1])
    with TemplateCache(path) as cache:
        assert samples == [cache.get("a"), cache.get("b")]


def test_templates_are_readable_by_their_owner_only(tmp_path):
    """The file holds biometric data; it has mode 600, and a sample's repr does not show the template."""
    with TemplateCache(tmp_path / "cache"):
        pass

    assert 0o600 == (tmp_path / "cache").stat().st_mode & 0o777
    assert "secret" not in repr(Sample(b"secret", 1.0, "", 0.0))


@pytest.mark.parametrize("content", [b"hello", b"\xc1", b"\x81\xa1k\x01"])
def test_another_file_is_not_overwritten(tmp_path, content):
    """A file that is no cache is named in the error and not changed."""
    (tmp_path / "cache").write_bytes(content)
    with pytest.raises(ConfigurationInvalid, match="no template cache"):
        TemplateCache(tmp_path / "cache")

    assert content == (tmp_path / "cache").read_bytes()


def test_a_folder_is_no_cache(tmp_path):
    """A path that cannot be opened for writing is named in the error."""
    with pytest.raises(ConfigurationInvalid, match="cannot be written"):
        TemplateCache(tmp_path)
