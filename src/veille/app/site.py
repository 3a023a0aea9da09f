"""The folder of press reviews that any web host serves: written file by file, each whole; only what changed.

A manifest in the folder says which files are veille's, by what was written into them. Whatever else is there is never
replaced and never removed, and neither is a file of veille's that somebody has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.lock import hold_lock
from veille.app.placing import clear_parts, write_atomically
from veille.app.review import list_published, read_issue, settings_of
from veille.app.reviewfiles import find_folder, find_templates
from veille.errors import OutputError, UsageError
from veille.show.wording import Wording
from veille.store.review import REVIEW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from veille.app.home import Home

MANIFEST = ".veille-review.json"
# What a build writes: a manifest that names other files was not written by veille.
_OURS = re.compile(r"index\.html|feed\.atom|[1-9]\d{0,17}\.html")
_LEADING = ("index.html", "feed.atom")
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did: names of files written and removed, how many were right already, those left although old."""

    directory: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    same: int
    left: tuple[str, ...]


def build_site(home: Home, directory: Path | None) -> Built:
    """Make the folder what the published issues say; that of config.toml when none is named.

    Raises UsageError, OutputError before anything is written when a file is in the way, TemplateError.
    """
    place = directory or _find_directory(home)
    with hold_lock(home.places.lock_for("review"), command="review build", patience=_PATIENCE):
        files = _write_files(home)
        known = _read_manifest(place)
        found = {name: _digest_file(place / name) for name in {*files, *known}}
        wanted = {name: _digest(text) for name, text in files.items()}
        _check(place, wanted, known, found)
        # Pages come before what leads to them, and go after it.
        changed = sorted(
            (name for name in files if found[name] != wanted[name]), key=lambda name: (name in _LEADING, name)
        )
        gone = [name for name in known if name not in files and found[name]]
        removed = [name for name in gone if found[name] in known[name]]
        # Said before it is done: whenever a build is killed, the next one knows these files.
        both = {name: sorted({*known.get(name, ()), wanted[name]}) for name in wanted}
        _write_manifest(place, {name: known[name] for name in removed} | both)
        for name in changed:
            clear_parts(place / name)
            write_atomically(place / name, files[name])
        for name in removed:
            _remove(place / name)
        _write_manifest(place, {name: [digest] for name, digest in wanted.items()})
    return Built(
        directory=place,
        written=tuple(changed),
        removed=tuple(removed),
        same=len(files) - len(changed),
        left=tuple(name for name in gone if name not in removed),
    )


def _find_directory(home: Home) -> Path:
    written = settings_of(home).dir
    if not written:
        raise UsageError("name a folder, `veille review build DIR`, or write dir under [review] in config.toml")
    return find_folder(home, written)


def _write_files(home: Home) -> dict[str, str]:
    from veille.show.site import write_site

    settings = settings_of(home)
    issues = [read_issue(home, head.number) for head in list_published(home)]
    title = settings.title or Wording(settings.language).say(REVIEW)
    return write_site(issues, title=title, tongue=settings.language, url=settings.url, templates=find_templates(home))


def _check(
    place: Path, wanted: Mapping[str, str], known: Mapping[str, list[str]], found: Mapping[str, str | None]
) -> None:
    """Nothing that is not veille's may be in the way."""
    for name in wanted:
        if found[name] is None or found[name] in (wanted[name], *known.get(name, ())):
            continue
        what = "it was changed since veille wrote it" if name in known else "it is there already, and not veille's"
        raise OutputError(f"{place / name}: {what}: take it away, or choose another folder (nothing was written)")


def _read_manifest(place: Path) -> dict[str, list[str]]:
    """The files that are veille's, each with the digests of what was written, or was about to be."""
    path = place / MANIFEST
    try:
        record = json.loads(path.read_text("utf-8"))
        files = {str(name): [str(one) for one in digests] for name, digests in record["files"].items()}
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise OutputError(f"{place}: it is a file: choose another folder") from None
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}: choose another folder") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OutputError(f"{path}: it is not as veille wrote it: take it away, with the pages beside it") from None
    return {name: digests for name, digests in files.items() if _OURS.fullmatch(name)}


def _write_manifest(place: Path, files: Mapping[str, list[str]]) -> None:
    text = json.dumps({"by": "veille review build", "files": dict(sorted(files.items()))}, indent=1) + "\n"
    path = place / MANIFEST
    if _digest_file(path) != _digest(text):
        clear_parts(path)
        write_atomically(path, text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_file(path: Path) -> str | None:
    """What a file holds, None where there is none; a link that leads nowhere, or a folder, holds something too."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "a link" if path.is_symlink() else None
    except NotADirectoryError:
        raise OutputError(f"{path.parent}: it is a file: choose another folder") from None
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}: choose another folder") from None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}: take it away yourself") from None
