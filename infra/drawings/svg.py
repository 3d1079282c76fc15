"""SVG 2 elements as text. Only presentation attributes: no style and no script, for strict content policies."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

INK, PAPER, FAINT = "#1b1b1b", "#ffffff", "#767676"
PROBE, REFERENCE = "#0057b8", "#b34700"
"""Blue and orange: distinct for people who see no red or no green."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Elements on an area from (0, 0) to (width, height)."""

    width: float
    height: float
    parts: list[str] = field(repr=False)


def element(name: str, *content: str, **attributes: str | float) -> str:
    """An element; `_` in the names of attributes stands for `-`, numbers have two decimals."""
    said = "".join(f' {key.strip("_").replace("_", "-")}="{_value(each)}"' for key, each in attributes.items())
    return f"<{name}{said}>{''.join(content)}</{name}>" if content else f"<{name}{said}/>"


def group(parts: Iterable[str], **attributes: str | float) -> str:
    """Elements that share attributes."""
    return element("g", *parts, **attributes)


def text(x: float, y: float, said: str, **attributes: str | float) -> str:
    """A line of text, its baseline at y."""
    return element("text", escape(said), x=x, y=y, **{"font_size": 13, "fill": INK, **attributes})


def picture(png: bytes, width: float, height: float) -> str:
    """A PNG stretched to an area, its pixels with sharp edges."""
    address = f"data:image/png;base64,{b64encode(png).decode()}"
    return element("image", href=address, width=width, height=height, image_rendering="pixelated",
                   preserveAspectRatio="none")  # fmt: skip


def shape_of(name: str, png: bytes, width: float, height: float, colour: str) -> str:
    """The white pixels of a PNG of one bit, in a colour; the black ones are clear. The name must be unique."""
    mask = element("mask", picture(png, width, height), id=name, maskUnits="userSpaceOnUse", x=0, y=0,
                   width=width, height=height)  # fmt: skip
    return mask + element("rect", width=width, height=height, fill=colour, mask=f"url(#{name})")


def document(drawing: Drawing, title: str) -> str:
    """A whole file."""
    size = {"width": drawing.width, "height": drawing.height}
    box = f"0 0 {_value(drawing.width)} {_value(drawing.height)}"
    parts = [element("title", escape(title)), element("rect", **size, fill=PAPER), *drawing.parts]
    namespace = "http://www.w3.org/2000/svg"
    return element("svg", *parts, xmlns=namespace, role="img", viewBox=box, font_family="sans-serif", **size) + "\n"


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
