"""Error messages for files that are not images, or of unsupported formats."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile

import pytest
from PIL import Image as Pillow

from biometrics.errors import ImageUndecodable
from infra.images.decode import decode
from infra.images.formats.signatures import seems
from tests.support.made_files import encoded, tiff
from tests.support.mutations import OPTIONS, sound

JPEG = encoded(Pillow.new("L", (64, 64)), "JPEG")


def zipped() -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("face.jpg", JPEG)
    return file.getvalue()


FILES = {
    "ISO 19794-2": b"FMR\0 20\0" + bytes(100),
    "ISO 19794-4": b"FIR\x00010\0" + JPEG,
    "ISO 19794-5": b"FAC\x00010\0" + JPEG,
    "ISO 19794-6": b"IIR\x00010\0" + JPEG,
    "ANSI/NIST-ITL": b"1.001:210\x1d1.002:0500\x1d",
    "CBEFF": b'<?xml version="1.0"?>\n<cbeff:BIR xmlns:cbeff="urn:oid:1.0.19785">',
    "ISO 39794": b'<?xml version="1.0"?><fir:fingerImageDataBlock xmlns:fir="urn:x">',
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "SVG": b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">',
    "HTML": b"\n<!DOCTYPE html>\n<html><body>404</body></html>",
    "XML": b"<note>not found</note>",
    "JSON": b'{"image": null}',
    "JPEG XL": b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a" + bytes(20),
    "HEIC": b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf" + bytes(50),
    "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(50),
    "video": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(50),
    "raw camera file": b"II*\0\x10\0\0\0CR\2\0" + bytes(50),
    "TIFF": b"II*\0\xff\xff\xff\xff",
    "DICOM": bytes(128) + b"DICM" + bytes(50),
    "ZIP": zipped(),
    "compressed file": gzip.compress(JPEG),
    "data URL": b"data:image/jpeg;base64," + base64.b64encode(JPEG),
    "base64 text": base64.b64encode(JPEG),
    "JPEG": JPEG[:20],
    "PNG": b"\x89PNG\r\n\x1a\n",
    "NumPy": b"\x93NUMPY\x01\0v\0{'descr': '|u1'}",
    "program": b"\x7fELF\2\1\1" + bytes(60),
}


@pytest.mark.parametrize("name", FILES)
def test_the_format_is_named(name: str) -> None:
    """The message says what the bytes seem to be and what to send; the metadata names the format."""
    with pytest.raises(ImageUndecodable, match=r"cannot be read\. It .* Send|send|Export|Unpack") as caught:
        decode(FILES[name])
    assert name == caught.value.metadata["format"]


@pytest.mark.parametrize("data", [b"hello, this is no image", bytes(1000), b"\0\1\2\3" * 50])
def test_unknown_bytes_are_answered_with_the_supported_formats(data: bytes) -> None:
    """If the format is unknown, the message lists the supported ones."""
    with pytest.raises(ImageUndecodable, match="Send one of JPEG, PNG") as caught:
        decode(data)
    assert {} == caught.value.metadata
    assert (data.isascii() and b"hello" in data) or "It is text" not in caught.value.message


def test_plain_text_is_recognised() -> None:
    """The message says that the bytes are text."""
    with pytest.raises(ImageUndecodable, match="It is text"):
        decode("Grüße aus Wien,\r\nund noch viel mehr Text".encode())


@pytest.mark.parametrize("name", OPTIONS)
def test_supported_formats_have_signatures(name: str) -> None:
    """A damaged file of a supported format is named as that format."""
    found = seems(sound(name))
    assert found
    assert found.name.upper() in name.upper().replace("PPM", "PNM")


@pytest.mark.parametrize(("name", "data"), [("SVG", b"<svg>"), ("HTML", b"<html>"), ("XML", b"<x>")])
def test_leading_comments_do_not_hide_the_format(name: str, data: bytes) -> None:
    """Matching takes linear time in the number of comments."""
    with pytest.raises(ImageUndecodable) as caught:
        decode(b"<!-- a -->" * 90 + data)
    assert name == caught.value.metadata["format"]


def test_a_raw_photograph_is_not_called_a_damaged_tiff() -> None:
    """For a TIFF without readable pixels the message says that it may be a camera's raw file."""
    with pytest.raises(ImageUndecodable, match=r"DNG|damaged"):
        decode(tiff([(256, 4, 64), (257, 4, 64)]))
