"""Access to the memory of Pillow's pixels through the Arrow C data interface: read without a copy, release early.

https://arrow.apache.org/docs/format/CDataInterface.html
"""

from __future__ import annotations

import ctypes
import mmap

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import _imaging as core

LARGE_BYTES = 16 * 2**20
"""Images smaller than this are not released: the system call is not worth it."""

core.set_use_block_allocator(1)  # one block per image: the Arrow interface needs it


class _Array(ctypes.Structure):
    pass


_Array._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_madvise = ctypes.CDLL(None, use_errno=True).madvise
_madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def gray_view(image: Pillow.Image) -> NDArray[np.integer]:
    """Samples of mode I or I;16…, (height, width), without a copy where possible; the image must be kept alive."""
    if image.mode not in ("I", "I;16"):
        return np.asarray(image)
    kind = ctypes.c_int32 if image.mode == "I" else ctypes.c_uint16
    samples = (kind * (image.width * image.height)).from_address(_address(image))
    found: NDArray[np.integer] = np.ctypeslib.as_array(samples).reshape(image.height, image.width)
    return found


def release(image: Pillow.Image, rows: int) -> None:
    """Return the memory of a large image's first rows (4 bytes a pixel) to the system; they must not be read again."""
    size = 4 * image.width * rows
    if 4 * image.width * image.height < LARGE_BYTES or image.mode in ("1", "L", "P"):
        return
    start = _address(image)
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    last = (start + size) // mmap.PAGESIZE * mmap.PAGESIZE
    if last > first:
        _madvise(first, last - first, mmap.MADV_DONTNEED)


def _address(image: Pillow.Image) -> int:
    """Address of the first pixel."""
    _, capsule = image.__arrow_c_array__()
    array = _Array.from_address(_pointer(capsule, b"arrow_array"))
    pixels = array.children[0].contents if array.n_children else array
    return int(pixels.buffers[1])
