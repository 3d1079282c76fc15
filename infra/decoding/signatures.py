"""What bytes that cannot be read seem to be, and what to do about it. By their beginnings; nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import ImageUndecodable

LOOKED_AT = 1024
"""Bytes of the file."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How one kind of file begins.

    Args:
        name: of the format, as metadata has it.
        begins: pattern that its first bytes match.
        advice: what it is, and what to send instead.
    """

    name: str
    begins: re.Pattern[bytes]
    advice: str


def _kind(name: str, begins: bytes, advice: str) -> Signature:
    return Signature(name, re.compile(begins, re.DOTALL), advice)


_EXPORT = "Export the image in it as PNG, and send that."
_IMAGE_RECORD = f"It is an ISO/IEC {{}} record, which holds images with their metadata. {_EXPORT}"
_XML = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?(?:\s|<!--.*?-->|<!DOCTYPE[^>]*>)*<(?:\w+:)?"
_BASE64 = rb"(?:[A-Za-z0-9+/_-]{4}){12}[A-Za-z0-9+/_=\r\n-]*\Z"

SIGNATURES = (
    _kind("WSQ", rb"\xff\xa0\xff[\xa2\xa4-\xa8]", "It is a WSQ fingerprint. Convert it to 8-bit grey PNG at its own resolution."),
    _kind("ISO 19794-2", rb"FMR\0", "It is an ISO/IEC 19794-2 (or ANSI 378) minutiae record, which holds no image. Send the image it was made from."),
    _kind("ISO 19794-4", rb"FIR\0", _IMAGE_RECORD.format("19794-4 fingerprint")),
    _kind("ISO 19794-5", rb"FAC\0", _IMAGE_RECORD.format("19794-5 face")),
    _kind("ISO 19794-6", rb"IIR\0", _IMAGE_RECORD.format("19794-6 iris")),
    _kind("ISO 19794-7", rb"(?:SDI|VIR|FSR)\0", "It is an ISO/IEC 19794 record of another modality. Send an image of a face, finger or iris."),
    _kind("ISO 39794", rb"[\x65\x66\x67\x68\x69\x6a\x7f][\x00-\xff]{0,6}?(?:\xa0[\x03-\x20]\x80\x01|\x30[\x03-\x20]\x80)", _IMAGE_RECORD.format("39794 (ASN.1)")),
    _kind("ISO 39794", _XML + rb"\w*(?:fingerImageData|faceImageData|irisImageData)", _IMAGE_RECORD.format("39794 (XML)")),
    _kind("ANSI/NIST-ITL", rb"1\.0{0,2}1:\d+\x1d", f"It is an ANSI/NIST-ITL transaction. {_EXPORT}"),
    _kind("ANSI/NIST-ITL", _XML + rb"(?:NISTBiometricInformationExchangePackage|PackageInformationRecord)", f"It is an ANSI/NIST-ITL transaction in XML. {_EXPORT}"),
    _kind("CBEFF", _XML + rb"(?:BIR|CBEFF_\w+|CbeffBIR)\b", f"It is a CBEFF record in XML. {_EXPORT}"),
    _kind("PDF", rb"\s*%PDF-", "It is a PDF document. Send the page as PNG or JPEG."),
    _kind("PostScript", rb"%!PS|\xc5\xd0\xd3\xc6", "It is PostScript. Send it as PNG or JPEG."),
    _kind("SVG", _XML + rb"svg\b", "It is an SVG drawing, which holds no pixels. Send a photograph as PNG or JPEG."),
    _kind("HTML", rb"(?i)\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", "It is a web page, perhaps the error of a download. Send the image itself."),
    _kind("XML", _XML + rb"\w", "It is XML. Send the encoded bytes of an image file."),
    _kind("JSON", rb"\s*[{\[]\s*(?:[\"{\[\]}\d-]|true|false|null)", "It is JSON. Send the encoded bytes of an image file."),
    _kind("data URL", rb"\s*data:[\w/+.;=-]*,", "It is a data URL. Decode what follows the comma from base64, and send those bytes."),
    _kind("PEM", rb"-----BEGIN ", "It is PEM text. Send the encoded bytes of an image file."),
    _kind("JPEG XL", rb"\xff\x0a|\0\0\0\x0cJXL \x0d\x0a\x87\x0a", "It is JPEG XL. Send it as JPEG or PNG."),
    _kind("JPEG XR", rb"II\xbc[\x00\x01]", "It is JPEG XR. Send it as JPEG or PNG."),
    _kind("JPEG-LS", rb"\xff\xd8\xff(?:\xf7|[\xe0-\xfe]..{2,600}?\xff\xf7)", "It is JPEG-LS. Send it as PNG."),
    _kind("JPEG 2000", rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \x0d\x0a\x87\x0a", "It begins as JPEG 2000, but is truncated or damaged. Send the whole file."),
    _kind("HEIC", rb".{4}ftyp(?:.{4}){0,12}?(?:heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|msf1|miaf)", "It is HEIC of a kind that cannot be read, or damaged. Send it as JPEG."),
    _kind("AVIF", rb".{4}ftyp(?:.{4}){0,12}?avi[fs]", "It is AVIF of a kind that cannot be read, or damaged. Send it as JPEG."),
    _kind("raw camera file", rb".{4}ftypcrx ", "It is a camera's raw file (CR3). Send it as JPEG."),
    _kind("video", rb".{4}(?:ftyp|moov|mdat|wide)|\x1a\x45\xdf\xa3|RIFF.{4}AVI |\0\0\x01[\xb3\xba]|FLV\x01|\x30\x26\xb2\x75\x8e\x66\xcf\x11", "It is a video. Send one frame as JPEG or PNG."),
    _kind("raw camera file", rb"(?:II\x2a\0|MM\0\x2a).{4}CR|IIRO|IIRS|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM", "It is a camera's raw file. Send it as JPEG."),
    _kind("DICOM", rb".{128}DICM", f"It is DICOM. {_EXPORT}"),
    _kind("BigTIFF", rb"II\x2b\0|MM\0\x2b", "It is BigTIFF that cannot be read. Send it as TIFF or PNG."),
    _kind("TIFF", rb"II\x2a\0|MM\0\x2a", "It begins as TIFF, but is damaged, or a camera's raw file (DNG, NEF, ARW). Send it as JPEG or PNG."),
    _kind("JPEG", rb"\xff\xd8", "It begins as JPEG, but is truncated or damaged. Send the whole file."),
    _kind("PNG", rb"\x89PNG", "It begins as PNG, but is truncated or damaged. Send the whole file."),
    _kind("GIF", rb"GIF8", "It begins as GIF, but is truncated or damaged. Send the whole file."),
    _kind("BMP", rb"BM.{4}\0\0\0\0", "It begins as BMP, but is truncated, damaged or of a rare kind. Send it as PNG."),
    _kind("WebP", rb"RIFF.{4}WEBP", "It begins as WebP, but is truncated or damaged. Send the whole file."),
    _kind("PNM", rb"P[1-7][\s#]", "It begins as PNM, but is truncated, damaged or of a rare kind. Send it as PNG."),
    _kind("Photoshop", rb"8BP[SB]", "It is a Photoshop document. Send it as PNG or JPEG."),
    _kind("icon", rb"\0\0[\x01\x02]\0.\0|icns", "It is an icon. Send a photograph as PNG or JPEG."),
    _kind("OpenEXR", rb"\x76\x2f\x31\x01", "It is OpenEXR. Send it as 8-bit PNG."),
    _kind("Radiance", rb"#\?(?:RADIANCE|RGBE)", "It is Radiance HDR. Send it as 8-bit PNG."),
    _kind("DDS", rb"DDS ", "It is a texture (DDS). Send it as PNG."),
    _kind("FITS", rb"SIMPLE  =", "It is FITS. Send it as 8-bit PNG."),
    _kind("HDF5", rb"\x89HDF\r\n\x1a\n", f"It is HDF5. {_EXPORT}"),
    _kind("NumPy", rb"\x93NUMPY", "It is a NumPy array. Send the encoded bytes of an image file."),
    _kind("pickle", rb"\x80[\x02-\x05][\x95\x7d\x5d\x28\x63\x71]", "It is a pickled Python object. Send the encoded bytes of an image file."),
    _kind("ZIP", rb"PK[\x03\x05\x07][\x04\x06\x08]", "It is a ZIP archive or office document. Send the image in it by itself."),
    _kind("compressed file", rb"\x1f\x8b|BZh\d|\xfd7zXZ\0|\x28\xb5\x2f\xfd|7z\xbc\xaf\x27\x1c|Rar!|\x04\x22\x4d\x18", "It is a compressed file or archive. Unpack it, and send the image in it."),
    _kind("tar", rb".{257}ustar", "It is a tar archive. Send the image in it by itself."),
    _kind("office document", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf", "It is an office document. Send the image in it by itself."),
    _kind("audio", rb"RIFF.{4}WAVE|ID3|OggS|fLaC", "It is a sound recording. Send an image."),
    _kind("program", rb"\x7fELF|MZ.{58,}", "It is a program. Send an image."),
    _kind("base64 text", _BASE64, "It is base64 text. Decode it, and send the bytes."),
)  # fmt: skip
"""The first that matches names the file."""

_TEXT = re.compile(rb"[\t\n\r\f\x20-\x7e\x80-\xff]+")


def seems(data: bytes) -> Signature | None:
    """The kind of file that the bytes seem to be, if they are of a known one."""
    start = data[:LOOKED_AT]
    return next((each for each in SIGNATURES if each.begins.match(start)), None)


def unread(data: bytes, formats: Sequence[str]) -> ImageUndecodable:
    """The error of bytes that no decoder takes; it names what they seem to be."""
    found = seems(data)
    if found:
        return ImageUndecodable(f"The image cannot be read. {found.advice}", format=found.name)
    what = "It is text. " if _is_text(data[:LOOKED_AT]) else ""
    return ImageUndecodable(f"The image cannot be read. {what}Send one of {', '.join(formats)}.")


def _is_text(start: bytes) -> bool:
    try:
        start[:-3].decode()
    except UnicodeDecodeError:
        return False
    return _TEXT.fullmatch(start) is not None
