"""The manifest of a backup: what its files are to the byte, written last; a directory in, its checked manifest out."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veille.errors import StoreError
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = "manifest.json"
DATABASE = "veille.db"
FORMAT = 1
_LARGEST = 1_000_000
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself. `files` has the size and SHA-256 of each; `emptied` counts secrets left out.

    `machine` and `database` tell whose it is: only its own veille ever takes it away.
    """

    version: str
    schema: int
    made_at: str
    auto: bool
    machine: str
    database: str
    counts: Mapping[str, int] = field(default_factory=dict)
    emptied: int = 0
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum(one["bytes"] for one in self.files.values())


def write_manifest(manifest: Manifest) -> str:
    """Its text; the checksum in it is that of all the rest."""
    values = {"veille_backup": FORMAT} | asdict(manifest)
    return json.dumps(values | {"checksum": _digest(values)}, ensure_ascii=False, indent=2) + "\n"


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a backup, which says what its files should be; raises StoreError."""
    path = directory / MANIFEST
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode()
        values = json.loads(text)
        if values.pop("veille_backup") != FORMAT:
            raise StoreError(f"{path}: made by a newer veille: upgrade")
        checksum = values.pop("checksum")
        manifest = Manifest(**values)
        right = write_manifest(manifest) == text and checksum == _digest({"veille_backup": FORMAT} | values)
        right = right and _is_shaped(manifest)
    except FileNotFoundError:
        raise StoreError(f"{directory}: no backup of veille's: it has no {MANIFEST}") from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: check the directory and its permissions") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        right = False
    if not right:
        raise StoreError(f"{path}: it is damaged: choose another backup")
    return manifest


def check_files(directory: Path, manifest: Manifest) -> None:
    """Read every file of a backup; raises StoreError for one that is not what it was.

    What is no file of the directory itself is not read: a device has no end.
    """
    for name, wanted in manifest.files.items():
        if Path(name).name != name or not (directory / name).is_file():
            raise _damaged(directory / clean_line(name))
        if describe_file(directory / name) != wanted:
            raise _damaged(directory / name)


def copy_checked(source: Path, target: Path, wanted: Mapping[str, Any] | None) -> None:
    """Copy a file of a backup; what was copied is what was to be there. Raises StoreError, OSError."""
    hashing, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as copy, source.open("rb") as file:
        while piece := file.read(_PIECE):
            hashing.update(piece)
            size += len(piece)
            copy.write(piece)
    if wanted is not None and {"bytes": size, "sha256": hashing.hexdigest()} != wanted:
        raise _damaged(source)


def describe_file(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file; raises StoreError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: choose another backup") from None


def _is_shaped(manifest: Manifest) -> bool:
    """Whether its values are of the kinds they should be: a checksum says only that they are as they were written."""
    texts = (manifest.version, manifest.made_at, manifest.machine, manifest.database)
    sizes = (one["bytes"] for one in manifest.files.values())
    whole = (manifest.schema, manifest.emptied, *manifest.counts.values(), *sizes)
    there = DATABASE in manifest.files
    return there and all(isinstance(one, str) for one in texts) and all(isinstance(one, int) for one in whole)


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: its checksum is not that of the manifest: it is damaged, choose another backup")


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
