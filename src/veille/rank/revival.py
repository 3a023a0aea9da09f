"""What a headline that joins a story tells that is new to who has read it. Headlines in, words out.

Knows nothing of marks: `app/revival.py` asks when a read story grows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veille.rank.wording import is_date, read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.model import Headline
    from veille.rank.window import Rarity

# Of what a title says, weighed by rarity, the part that nothing in the story told, and what that is worth in words of
# a single story. A title repeats the event before it says what is new of it ("Incendie à l'usine X : un pompier est
# mort"), and who keeps watch loses more by news that stays hidden than by a story that comes back for nothing: two new
# words of six are enough, and so is a new figure (a toll, a score).
_NEW_SHARE, _NEW_WORTH = 0.25, 1.5
_YEAR_DIGITS = 4
_WORD = re.compile(r"[^\W_]+")


def find_news(new: Headline, told: Iterable[Headline], rarity: Rarity) -> tuple[str, ...]:
    """What the title of `new`, which is no copy, says that no headline of `told` said, as it is written there.

    Empty where that is not enough to be news.
    """
    wordings = [read_wording(headline.title, headline.summary) for headline in told]
    known = {stem for wording in wordings for stem in (*wording.stems, *wording.summary)}
    wording = read_wording(new.title)
    fresh = [stem for stem in wording.stems if stem not in known]
    worth = sum(rarity[stem] for stem in fresh)
    every = sum(rarity[stem] for stem in wording.stems)
    figure = any(stem in wording.numbers and not _is_year(stem) for stem in fresh)
    if not figure and worth < max(_NEW_WORTH, _NEW_SHARE * every):
        return ()
    written = {stem: word for word in reversed(_WORD.findall(new.title)) for stem in read_wording(word).stems}
    return tuple(dict.fromkeys(written.get(stem, stem) for stem in fresh))


def _is_year(stem: str) -> bool:
    return len(stem) == _YEAR_DIGITS and is_date(stem)
