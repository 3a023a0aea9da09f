"""What reading a document the fast way goes by, from one element to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veille.read.fast_names import Names


@dataclass(slots=True, kw_only=True)
class Walk:
    """The names and habits of a document, and what was met in it.

    `guesses`: plain texts may be HTML. `unwraps`: XHTML loses the element around it. `based`: bases are
    told in it, by which feedparser treats links in another way. `titled` is the depth of the last title,
    -1 for none; `has_content`: a text was met after which a description is one, and not a second text.
    """

    names: Names
    guesses: bool = False
    unwraps: bool = False
    based: bool = False
    titled: int = -1
    has_content: bool = False
