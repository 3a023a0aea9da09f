"""How rare the words of some headlines are among the stories of the window, as folding measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.window import Rarity
from veille.rank.wording import read_wording
from veille.store.window import StoredWindow

if TYPE_CHECKING:
    from collections.abc import Collection

    from veille.model import Headline
    from veille.store.db import Db


def measure_rarity(db: Db, headlines: Collection[Headline]) -> Rarity:
    """The worth of each stem of the headlines; there is one headline at least."""
    window = StoredWindow(db, since=min(headline.published_at for headline in headlines))
    wordings = [read_wording(headline.title, headline.summary) for headline in headlines]
    stems = {stem for wording in wordings for stem in (*wording.stems, *wording.summary)}
    return Rarity(window.count(), window.spread(stems))
