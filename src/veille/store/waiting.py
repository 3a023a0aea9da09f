"""A connection that waits for whoever writes, and says so: between two tries signals are heard.

What SQLite waits by itself is short, for nothing is heard meanwhile.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Seconds that SQLite waits in one try.
STEP = 1.0
# A wait of so many seconds is told.
LONG = 5.0

_PAUSE = 0.02
_HOPELESS = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
)


class PatientConnection(sqlite3.Connection):
    """`patience` is how many seconds a statement waits for others; `on_wait` is called once, when it waits long.

    After it the error of SQLite is raised; that of a statement inside a transaction, which cannot be retried, at once.
    """

    patience: float = 0.0
    on_wait: Callable[[], None] | None = None

    def wait(self, seconds: float) -> None:
        """Have so much patience from now on."""
        self.patience = seconds
        super().execute(f"PRAGMA busy_timeout = {round(min(STEP, seconds) * 1000)}")

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As any connection's, but patient."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            if not is_busy(error) or self.in_transaction:
                raise
        return self._try_again(sql, parameters)

    def _try_again(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        # What SQLite has waited already counts.
        begun = time.monotonic() - min(STEP, self.patience)
        told = False
        while True:
            waited = time.monotonic() - begun
            if waited >= LONG and not told and self.on_wait:
                told = True
                self.on_wait()
            # Some statements do not wait at all.
            time.sleep(_PAUSE)
            try:
                return super().execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if not is_busy(error) or waited >= self.patience:
                    raise


@contextlib.contextmanager
def wait_at_most(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Inside, a database that another holds is told of after so long: for what can wait itself."""
    if not isinstance(db, PatientConnection):
        yield
        return
    patience = db.patience
    db.wait(min(patience, seconds))
    try:
        yield
    finally:
        db.wait(patience)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another holds what a statement needs."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_hopeless(error: BaseException) -> bool:
    """Whether it is the database or its disk that fails, and will with whatever is stored next."""
    code = getattr(error, "sqlite_errorcode", 0) or getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF in _HOPELESS
