"""Which source of a story is shown, and the order of the others. Sources and the user's weights in, an order out.

Knows nothing of scores, of rules or of what the sources say.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veille.text import is_in_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.model import Source

# A text of so many words is no longer a title alone, a teaser, a brief. In 283 real feeds seven texts in ten have less
# than 80 words, and few between 100 and 200: within a step, length says nothing about which is the better source.
_STEPS = (10, 100, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the user gives to feeds, by address, and to folders."""

    feeds: Mapping[str, float] = field(default_factory=dict)
    folders: Mapping[str, float] = field(default_factory=dict)


def order_sources(sources: Sequence[Source], weights: Weights) -> tuple[Source, ...]:
    """The lead, then what is no copy, then the copies, each by date.

    The lead has the most weight, then the fullest text in coarse steps, then the earliest date. A copy never
    leads before its original.
    """
    here = {source.entry_id for source in sources}
    row = sorted(sources, key=lambda one: (one.duplicate_of in here, one.published_at, one.entry_id))
    originals = [source for source in row if source.duplicate_of not in here]
    if len(originals) < 2:  # noqa: PLR2004 - nothing to choose from
        return tuple(row)
    lead = max(originals, key=lambda one: (_weigh(one, weights), bisect(_STEPS, one.words)))
    return (lead, *(source for source in row if source is not lead))


def _weigh(source: Source, weights: Weights) -> float:
    """The points that a story led by this source has for its feed and its folders."""
    folders = (points for name, points in weights.folders.items() if is_in_folder(source.folder, name))
    return weights.feeds.get(source.feed_url, 0.0) + sum(folders)
