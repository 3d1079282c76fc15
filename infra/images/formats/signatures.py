"""Names the kind of an unreadable file by its first bytes, with advice what to send. Nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import ImageUndecodable

OTHERS = ("WSQ", "lossless JPEG", "JPEG-LS")
"""Formats that are read, besides those of Pillow."""

LOOKED_AT = 1024
"""First bytes of the file that are matched."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How one kind of file begins.

    Args:
        name: of the format, as in the error's metadata.
        begins: pattern of its first bytes.
        advice: what the file is, and what to send instead.
    """

    name: str
    begins: re.Pattern[bytes]
    advice: str


def _kind(name: str, begins: bytes, what: str, instead: str) -> Signature:
    return Signature(name, re.compile(begins, re.DOTALL), f"It is {what}. {instead}")


def _damaged(name: str, begins: bytes) -> Signature:
    advice = f"It begins as {name}, but is truncated, damaged or of a rare kind. Send the whole file, or PNG."
    return Signature(name, re.compile(begins, re.DOTALL), advice)


_EXPORT = "Export the image in it as PNG, and send that."
_RECORD = "Send it as a record: in the field `record` beside `image`."
_EXPORT_ELSE = "If it is refused there, export the image in it as PNG."
_PICTURE = "Send it as PNG or JPEG."
_PHOTO = "Send a photograph as PNG or JPEG."
_BYTES = "Send the encoded bytes of an image file."
_INSIDE = "Send the image in it by itself."
_XML = rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*\?>)?(?>\s|<!--.*?-->|<!DOCTYPE[^>]*>)*+<(?:[\w.-]+:)?"  # linear time
_ASN1 = rb"[\x65-\x6a\x7f].{0,6}?(?:\xa0[\x03-\x20](?:\x80\x01|\x30)|\x30[\x03-\x20]\x80)"
_RAW = rb"(?:II\x2a\0|MM\0\x2a).{4}CR|IIRO|IIRS|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM|.{4}ftypcrx "
_HEIC = rb".{4}ftyp(?:.{4}){0,12}?(?:hei[cxms]|hev[cxms]|mi[fa][1f]|msf1)"
_VIDEO = rb".{4}(?:ftyp|moov|mdat|wide)|\x1a\x45\xdf\xa3|RIFF.{4}AVI |\0\0\x01[\xb3\xba]|FLV\x01|\x30\x26\xb2\x75"
_PACKED = rb"\x1f\x8b|BZh\d|\xfd7zXZ\0|\x28\xb5\x2f\xfd|7z\xbc\xaf\x27\x1c|Rar!|\x04\x22\x4d\x18"
_BASE64 = rb"(?:[A-Za-z0-9+/_-]{4}){12}[A-Za-z0-9+/_=\r\n-]*\Z"

SIGNATURES = (
    _damaged("WSQ", rb"\xff\xa0"),
    _kind("ISO 19794-2", rb"FMR\0", "a minutiae record (ISO/IEC 19794-2, ANSI 378)", _RECORD),
    _kind("ISO 19794-4", rb"FIR\0", "an ISO/IEC 19794-4 fingerprint record", _RECORD),
    _kind("ISO 19794-5", rb"FAC\0", "an ISO/IEC 19794-5 face record", _RECORD),
    _kind("ISO 19794-6", rb"IIR\0", "an ISO/IEC 19794-6 iris record", _RECORD),
    _kind("ISO 19794", rb"(?:SDI|VIR|FSR|FSP|FSB)\0", "an ISO/IEC 19794 record without an image", _BYTES),
    _kind("ISO 39794", _ASN1, "perhaps an ISO/IEC 39794 record (ASN.1)", f"{_RECORD} {_EXPORT_ELSE}"),
    _kind("ISO 39794", _XML + rb"\w*(?:finger|face|iris)ImageData", "an ISO/IEC 39794 record (XML)", _EXPORT),
    _kind("ANSI/NIST-ITL", rb"1\.0{0,2}1:\d+\x1d", "an ANSI/NIST-ITL transaction", _RECORD),
    _kind("ANSI/NIST-ITL", _XML + rb"NISTBiometricInformation", "an ANSI/NIST-ITL transaction (XML)", _EXPORT),
    _kind("CBEFF", _XML + rb"(?i:BIR|CBEFF\w*|BiometricInformationRecord)\b", "a CBEFF record (XML)", _RECORD),
    _kind("PDF", rb"\s*%PDF-", "a PDF document", "Send the page as PNG or JPEG."),
    _kind("PostScript", rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript", _PICTURE),
    _kind("SVG", _XML + rb"svg\b", "an SVG drawing, which holds no pixels", _PHOTO),
    _kind(
        "HTML",
        rb"(?i)\s*+(?><!--.*?-->\s*)*+<(?:!doctype html|html|head|body)\b",
        "a web page",
        "Send the image itself.",
    ),
    _kind("XML", _XML + rb"\w", "XML", _BYTES),
    _kind("JSON", rb"\s*[{\[]\s*(?:[\"{\[\]}\d-]|true|false|null)", "JSON", _BYTES),
    _kind("data URL", rb"\s*data:[\w/+.;=-]*,", "a data URL", "Decode what follows its comma from base64; send that."),
    _kind("PEM", rb"-----BEGIN ", "PEM text", _BYTES),
    _kind("JPEG XL", rb"\xff\x0a|\0\0\0\x0cJXL \x0d\x0a\x87\x0a", "JPEG XL", _PICTURE),
    _kind("JPEG XR", rb"II\xbc[\x00\x01]", "JPEG XR", _PICTURE),
    _kind("raw camera file", _RAW, "a camera's raw file", "Send it as JPEG."),
    _kind(
        "AVIF", rb".{4}ftyp(?:.{4}){0,12}?avi[fs]", "AVIF of a kind that is not read, or damaged", "Send it as JPEG."
    ),
    _kind("HEIC", _HEIC, "HEIC of a kind that is not read, or damaged", "Send it as JPEG."),
    _kind("video", _VIDEO, "a video", "Send one frame as PNG or JPEG."),
    _kind("DICOM", rb".{128}DICM", "DICOM", _EXPORT),
    _kind(
        "BigTIFF", rb"II\x2b\0|MM\0\x2b", "BigTIFF of a kind that is not read, or damaged", "Send it as TIFF or PNG."
    ),
    _kind("TIFF", rb"II\x2a\0|MM\0\x2a", "a damaged TIFF, or a camera's raw file (DNG, NEF, ARW)", _PICTURE),
    _damaged("JPEG 2000", rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  "),
    _damaged("JPEG", rb"\xff\xd8"),
    _damaged("PNG", rb"\x89PNG"),
    _damaged("GIF", rb"GIF8"),
    _damaged("BMP", rb"BM.{4}\0\0\0\0"),
    _damaged("WebP", rb"RIFF.{4}WEBP"),
    _damaged("PNM", rb"P[1-7][\s#]"),
    _kind("Photoshop", rb"8BP[SB]", "a Photoshop document", _PICTURE),
    _kind("icon", rb"\0\0[\x01\x02]\0.\0|icns", "an icon", _PHOTO),
    _kind("OpenEXR", rb"\x76\x2f\x31\x01", "OpenEXR", "Send it as 8-bit PNG."),
    _kind("Radiance", rb"#\?(?:RADIANCE|RGBE)", "Radiance HDR", "Send it as 8-bit PNG."),
    _kind("DDS", rb"DDS ", "a texture (DDS)", "Send it as PNG."),
    _kind("FITS", rb"SIMPLE  =", "FITS", "Send it as 8-bit PNG."),
    _kind("HDF5", rb"\x89HDF\r\n\x1a\n", "HDF5", _EXPORT),
    _kind("NumPy", rb"\x93NUMPY", "a NumPy array", _BYTES),
    _kind("pickle", rb"\x80[\x02-\x05][\x95\x7d\x5d\x28\x63\x71]", "a pickled Python object", _BYTES),
    _kind("ZIP", rb"PK[\x03\x05\x07][\x04\x06\x08]", "a ZIP archive or office document", _INSIDE),
    _kind("compressed file", _PACKED, "a compressed file or archive", "Unpack it, and send the image in it."),
    _kind("tar", rb".{257}ustar", "a tar archive", _INSIDE),
    _kind("office document", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf", "an office document", _INSIDE),
    _kind("audio", rb"RIFF.{4}WAVE|ID3|OggS|fLaC", "a sound recording", "Send an image."),
    _kind("program", rb"\x7fELF|MZ.{58,}", "a program", "Send an image."),
    _kind("base64 text", _BASE64, "base64 text", "Decode it, and send the bytes."),
)
"""The first match names the file."""

_TEXT = re.compile(rb"[\t\n\r\f\x20-\x7e\x80-\xff]+")


def seems(data: bytes) -> Signature | None:
    """The kind of file that the bytes seem to be; None if unknown."""
    start = data[:LOOKED_AT]
    return next((each for each in SIGNATURES if each.begins.match(start)), None)


def unread(data: bytes, formats: Sequence[str]) -> ImageUndecodable:
    """The error for bytes that no decoder takes; it names what they seem to be."""
    found = seems(data)
    if found:
        return ImageUndecodable(f"The image cannot be read. {found.advice}", format=found.name)
    what = "It is text. " if _is_text(data[:LOOKED_AT]) else ""
    return ImageUndecodable(f"The image cannot be read. {what}Send one of {', '.join((*formats, *OTHERS))}.")


def _is_text(start: bytes) -> bool:
    try:
        start[:-3].decode()
    except UnicodeDecodeError:
        return False
    return _TEXT.fullmatch(start) is not None
