"""XHTML inside a text, as feedparser writes it: an element in, markup out. Raises Declined for other elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from veille.read.fast_names import HANDLED, Declined, read_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from veille.read.fast_walk import Walk

_DEEPEST = 100
_FOREIGN = frozenset({"xhtml_math", "xhtml_svg"})
_QUOTES = {'"': "&quot;"}
_DIV = re.compile(r"<div[ >]")


def write_xhtml(element: Element, walk: Walk) -> str:
    """What is inside an element, stripped; without the <div> around all of it where the document has one."""
    pieces = [piece for piece in _write_inside(element, walk, 0) if piece]
    if walk.unwraps:
        while len(pieces) > 1 and not pieces[-1].strip():
            pieces.pop()
        while len(pieces) > 1 and not pieces[0].strip():
            pieces.pop(0)
        if pieces and _DIV.match(pieces[0]) and pieces[-1] == "</div>" and _is_one(pieces):
            pieces = pieces[1:-1]
    return "".join(pieces).strip()


def _write_inside(element: Element, walk: Walk, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Declined("XHTML nested deep")
    yield escape(element.text or "")
    for child in element:
        name = walk.names[child.tag]
        if not name.startswith("xhtml_") or name in HANDLED or name in _FOREIGN:
            raise Declined(f"{name} inside XHTML")
        tag = name.removeprefix("xhtml_")
        attributes = read_attributes(child)
        if len(attributes) < len(child.attrib) or ":" in "".join(attributes).replace("xml:lang", ""):
            raise Declined("attributes inside XHTML")
        written = "".join(f' {key}="{escape(value, _QUOTES)}"' for key, value in attributes.items())
        yield f"<{tag}{written}>"
        yield from _write_inside(child, walk, depth + 1)
        yield f"</{tag}>"
        yield escape(child.tail or "")


def _is_one(pieces: list[str]) -> bool:
    """Whether the first tag is closed by the last."""
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return False
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
    return True
