"""Reading ISO/IEC 19794-2:2005 and ANSI 378-2004: one image size, resolution and sensor for all views."""

from __future__ import annotations

from dataclasses import dataclass

from formats.contents import RecordFormat
from formats.minutiae.extended.read import read_extended
from formats.minutiae.points import read_points
from formats.minutiae.reading.versions import Version
from formats.minutiae.record import MinutiaeRecord, Sensor, View, ViewQuality

SENSOR_BITS = 12
"""Of the two bytes about the sensor, the lower bits are its number and the others certifications."""


@dataclass(frozen=True, slots=True)
class _Shared:
    sensor: Sensor
    size: tuple[int, int]
    resolution: tuple[int, int]


def read(version: Version) -> MinutiaeRecord:
    """Read the rest of the record.

    Raises:
        RecordMalformed: truncated, or it contradicts itself.
    """
    cursor = version.cursor
    is_ansi = version.format is RecordFormat.ANSI_378_2004
    owner, product = (cursor.number(2, "the product's id") if is_ansi else 0 for _ in range(2))
    sensor = cursor.number(2, "the sensor")
    width, height, across, down = (cursor.number(2, "the image's size and resolution") for _ in range(4))
    count = cursor.number(1, "the number of views")
    cursor.take(1, "the reserved byte")
    shared = _Shared(Sensor(sensor & ((1 << SENSOR_BITS) - 1), sensor >> SENSOR_BITS), (width, height), (across, down))
    views = tuple(_view(version, number, shared) for number in range(1, count + 1))
    return MinutiaeRecord(version.format, version.text, views, owner, product)


def _view(version: Version, number: int, shared: _Shared) -> View:
    cursor = version.cursor
    cursor.where = f"view {number}"
    position, view_and_impression, quality, count = cursor.take(4, "the head of the view")
    points = read_points(cursor, count, 6)
    extended = read_extended(cursor, version.format, shared.size)
    return View(
        position,
        view_and_impression >> 4,
        view_and_impression & 0x0F,
        (ViewQuality(quality),),
        shared.size,
        shared.resolution,
        points,
        extended,
        shared.sensor,
    )
