"""Writing digests: ranked stories -> Digest -> text -> file, atomically; then, and only then, remembered."""

from __future__ import annotations

import contextlib
import os
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.ranking import FIRST_WINDOW, LATE, Window, rank_window
from veille.app.triage import catch_up
from veille.errors import OutputError, UsageError
from veille.model import Digest
from veille.store.db import write
from veille.store.digests import last_digest, newest_story, remember_digest
from veille.times import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from veille.app.home import Home


def compose_digest(home: Home, *, name: str, since: str, limit: int) -> tuple[Digest, int]:
    """The best `limit` stories of a window, read or not, and the highest story id there is.

    `since="last"` takes what was founded after the last digest of that name; the first time, 24 h.
    """
    now = read_clock()
    catch_up(home)
    # Bounded before ranking: what a fetch stores meanwhile belongs to the next digest.
    newest = newest_story(home.db)
    last = last_digest(home.db, name) if since == "last" else None
    seen = 0
    if last:
        since_at, seen = last
        window = Window(since=since_at - LATE, everything=True)
    else:
        since_at = now - FIRST_WINDOW if since == "last" else parse_moment(since, now=now)
        window = Window(since=since_at, everything=True)
    ranked = [one for one in rank_window(home, window).stories if seen < one.story.id <= newest]
    digest = Digest(
        name=name,
        written_at=now,
        since_at=since_at,
        stories=tuple(ranked[:limit]),
        left_out=tuple(ranked[limit:]),
    )
    return digest, newest


def record_digest(home: Home, digest: Digest, *, last_story_id: int, path: str) -> None:
    """Remember that a digest was written: call it only once its file is safe."""
    with write(home.db):
        remember_digest(home.db, digest.name, written_at=digest.written_at, last_story_id=last_story_id, path=path)


def digest_path(pattern: str, *, now: datetime) -> Path:
    """The path that a strftime pattern means today. Raises UsageError for what is no file name."""
    try:
        path = Path(now.astimezone().strftime(pattern)).expanduser()
    except ValueError:
        raise UsageError(f"“{pattern}” is not a date pattern: write it as digests/%Y-%m-%d.md") from None
    if "\x00" in pattern or not path.name:
        raise UsageError(f"“{pattern}” names no file: write it as digests/%Y-%m-%d.md")
    return path


def spare_path(path: Path) -> Path:
    """`path`, or the first of `NAME-2`, `NAME-3`... that is free.

    For what is written once: a second digest of the day must not take the place of the first.
    """
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return path if not path.exists() else next(one for one in numbered if not one.exists())


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step: a reader sees the old one or the new one. Raises OutputError."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise OutputError(f"{path}: it is a directory: add a file name")
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name[:50]}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path))
        temporary.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise OutputError(f"{path}: {error.strerror or error}: choose another place with -o") from None


def render_digest(digest: Digest, form: str) -> str:
    """The digest as text in one of FORMATS. Raises UsageError for another."""
    return FORMATS[form](digest)


def _mode(path: Path) -> int:
    """Keep the permissions of the file replaced; a new one gets what the user's umask gives."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself last; not every file system lets a directory be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _markdown(digest: Digest) -> str:
    from veille.show.markdown import render_markdown

    return render_markdown(digest)


def _html(digest: Digest) -> str:
    from veille.show.html import render_html

    return render_html(digest)


def _json(digest: Digest) -> str:
    from veille.show.records import digest_record, to_json

    return to_json(digest_record(digest)) + "\n"


FORMATS: Mapping[str, Callable[[Digest], str]] = {"md": _markdown, "html": _html, "json": _json}
