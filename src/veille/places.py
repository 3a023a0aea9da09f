"""Places: the environment in, the paths of this user's files out.

VEILLE_HOME (one directory for everything) overrides the XDG places; VEILLE_DB or `--db` the database alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veille.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The files in use. None of them needs to exist."""

    home: Path
    config: Path
    rules: Path
    database: Path
    digests: Path

    @property
    def lock(self) -> Path:
        """Beside the database: two veilles on one database must meet there."""
        return self.database.with_name(self.database.name + ".lock")

    def lock_for(self, work: str) -> Path:
        """Beside the database too, for what only others at the same work must wait for."""
        return self.database.with_name(f"{self.database.name}.{work}.lock")


def find_places(*, db: Path | None = None) -> Places:
    """Where this user's files are; `db` and then VEILLE_DB override the database.

    Raises ConfigError for the home (`~name`) of nobody.
    """
    home = os.environ.get("VEILLE_HOME")
    chosen = db or (Path(os.environ["VEILLE_DB"]) if os.environ.get("VEILLE_DB") else None)
    if home:
        config_dir = data_dir = expand_home(home)
    else:
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("veille")
        try:
            config_dir, data_dir = Path(dirs.user_config_dir), Path(dirs.user_data_dir)
        except RuntimeError:
            raise ConfigError("you have no home directory here: set HOME, or VEILLE_HOME to a directory") from None
        if not (config_dir.is_absolute() and data_dir.is_absolute()):
            raise ConfigError("HOME is no whole path: set it, or VEILLE_HOME, to a directory")
    return Places(
        home=data_dir,
        config=config_dir / "config.toml",
        rules=config_dir / "rules.toml",
        database=expand_home(chosen) if chosen else data_dir / "veille.db",
        digests=data_dir / "digests",
    )


def expand_home(path: str | Path, *, error: Callable[[str], Exception] = ConfigError) -> Path:
    """The path with the home that a ~ or `~name` at its head means; raises what `error` makes for that of nobody."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise error(f"{path}: nobody of that name has a home here: write the whole path") from None
