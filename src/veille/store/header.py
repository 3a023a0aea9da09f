"""The bytes of a database file and of its log, before SQLite is let near them.

Opening a file that is empty beside a log that is not makes SQLite delete the log: what the log held would be gone.
Reads only. The formats are those of https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
LEAST_PAGE, MOST_PAGE = 512, 65536

_LOG_HEADER, _FRAME_HEADER = 32, 24
_LOG_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}

_PAGE_KINDS = frozenset((2, 5, 10, 13))

Kind = Literal["missing", "empty", "foreign", "short", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What the bytes tell of a file: its kind, and how many pages it says it has and has.

    `foreign` is no database of SQLite; `short` one that ends before it says it does.
    """

    kind: Kind
    size: int = 0
    page_size: int = 0
    pages_said: int = 0

    @property
    def pages(self) -> int:
        """How many whole pages there are."""
        return self.size // self.page_size if self.page_size else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """What the bytes of a write-ahead log tell: how many of its frames count, up to the last commit.

    `torn` are those of the same run from the first wrong one on: a damage, or a last write that a power cut broke.
    """

    size: int = 0
    frames: int = 0
    torn: int = 0
    readable: bool = True


def log_of(path: Path) -> Path:
    """Where the write-ahead log of a database is."""
    return path.with_name(path.name + "-wal")


def read_state(path: Path) -> FileState:
    """What the file is by its first bytes and its length. Raises OSError when it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
            size = file.seek(0, 2)
    except FileNotFoundError:
        return FileState(kind="missing")
    if not size:
        return FileState(kind="empty")
    if not head.startswith(MAGIC) or len(head) < HEADER_BYTES:
        return FileState(kind="foreign", size=size)
    page_size = read_page_size(head)
    if not page_size:
        return FileState(kind="foreign", size=size)
    (changed, said), (valid_for,) = struct.unpack(">II", head[24:32]), struct.unpack(">I", head[92:96])
    # The count of pages is only good where it was written with the last change.
    said = said if changed == valid_for else 0
    kind: Kind = "short" if said > size // page_size else "whole"
    return FileState(kind=kind, size=size, page_size=page_size, pages_said=said)


def read_page_size(head: bytes) -> int:
    """The size of a page by the header, 0 when it cannot be one."""
    if len(head) < HEADER_BYTES:
        return 0
    (size,) = struct.unpack(">H", head[16:18])
    size = MOST_PAGE if size == 1 else size
    return size if LEAST_PAGE <= size <= MOST_PAGE and not size & (size - 1) else 0


def is_abandoned(path: Path, state: FileState) -> bool:
    """Whether SQLite would make a new database of this and throw away a log that holds something."""
    if state.kind not in {"missing", "empty"}:
        return False
    log = read_log(log_of(path))
    return log.frames > 0


def is_used(path: Path) -> bool:
    """Whether a veille has worked here: its lock is made when the database is, and stays."""
    return path.with_name(path.name + ".lock").exists()


def read_log(path: Path) -> LogState:
    """What is in the log: frames are good as long as their checksums follow from one another."""
    try:
        content = path.read_bytes()
    except OSError:
        return LogState()
    if not content:
        return LogState()
    if len(content) < _LOG_HEADER:
        return LogState(size=len(content), readable=False)
    magic, _, page_size, _, *salt, one, two = struct.unpack(">8I", content[:_LOG_HEADER])
    order = _LOG_MAGIC.get(magic, "")
    sums = _add_up(content[: _LOG_HEADER - 8], (0, 0), order) if order else (0, 0)
    if not order or sums != (one, two) or not LEAST_PAGE <= page_size <= MOST_PAGE:
        return LogState(size=len(content), readable=False)
    step, good, seen = _FRAME_HEADER + page_size, 0, 0
    last_commit = 0
    starts = range(_LOG_HEADER, len(content), step)
    for start in starts:
        if len(content) - start < _FRAME_HEADER:
            seen += 1
            break
        _, commit, *own_salt, one, two = struct.unpack(">6I", content[start : start + _FRAME_HEADER])
        if own_salt != salt:
            break
        seen += 1
        frame = content[start : start + step]
        if seen - good > 1 or len(frame) < step:
            continue
        sums = _add_up(frame[_FRAME_HEADER:], _add_up(frame[:8], sums, order), order)
        if sums != (one, two):
            continue
        good += 1
        last_commit = good if commit else last_commit
    return LogState(size=len(content), frames=last_commit, torn=seen - good)


def _add_up(piece: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """SQLite's checksum of the log, going on from `sums`."""
    one, two = sums
    words = struct.unpack(f"{order}{len(piece) // 4}I", piece)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


def mend_header(path: Path) -> bool:
    """Write a header that SQLite takes over that of a COPY; whether there is one to write.

    The size of a page is that at which most pages look like pages.
    """
    content = path.read_bytes()
    page_size = _guess_page_size(content)
    if not page_size:
        return False
    head = bytearray(content[:HEADER_BYTES].ljust(HEADER_BYTES, b"\0"))
    changed = head[24:28]
    head[:16] = MAGIC
    head[16:18] = struct.pack(">H", 1 if page_size == MOST_PAGE else page_size)
    # Write-ahead log, no reserved bytes, the fixed fractions; formats and encoding as veille's databases have them.
    head[18:24] = bytes((2, 2, 0, 64, 32, 32))
    head[28:32] = struct.pack(">I", len(content) // page_size)
    head[44:48], head[56:60], head[92:96] = struct.pack(">I", 4), struct.pack(">I", 1), changed
    with path.open("r+b") as file:
        file.write(head)
    return True


def _guess_page_size(content: bytes) -> int:
    best, most = 0, 0.0
    size = LEAST_PAGE
    while size <= MOST_PAGE:
        starts = range(size, len(content), size)
        good = sum(content[start] in _PAGE_KINDS and content[start + 7 : start + 8] < b"\x40" for start in starts)
        share = good / len(starts) if starts else 0.0
        # A larger page that looks as good begins where a smaller one does.
        if share > most * 1.2:
            best, most = size, share
        size *= 2
    return best
