"""Which feeds fold together: those of folders that the user keeps apart do so among themselves only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.text import is_in_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


def scope_of(folder: str, apart: Sequence[str]) -> str:
    """The first of the folders kept apart that a feed's folder is in, "" for all the rest."""
    return next((name for name in apart if is_in_folder(folder, name)), "")
