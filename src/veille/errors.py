"""The errors a user can meet, and the exit code each one ends with.

    VeilleError                 1  nothing useful was done
    ├── UsageError              2  the command line asks for what cannot be
    │   ├── QueryError          2  an expression does not parse (knows its column)
    │   └── UnknownError        2  no such feed, story or digest
    ├── ConfigError             1  config.toml or rules.toml is wrong (knows file, line, column)
    ├── StoreError              1  the database cannot be opened, read or written
    │   └── BusyError           4  another program is writing to it
    ├── ReadError               1  a document is not what it should be
    │   ├── OpmlError           1  no subscriptions can be read from it
    │   └── ParseError          1  no feed can be read from it
    ├── FetchError              1  an address could not be fetched
    ├── OutputError             1  a file could not be written
    ├── TemplateError           1  a template of the user's is wrong (knows file, line)
    └── LockedError             4  another veille is fetching

A message is one line: what, where, what to do.
"""


class VeilleError(Exception):
    """Any trouble that is told to the user in one line."""

    exit_code = 1


class UsageError(VeilleError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class QueryError(UsageError):
    """An expression does not parse; `column` counts its characters from 1."""

    def __init__(self, what: str, *, column: int) -> None:
        super().__init__(f"expression, character {column}: {what}")
        self.what = what
        self.column = column


class UnknownError(UsageError):
    """Nothing is known by that id, name or address."""


class ConfigError(VeilleError):
    """A settings or rules file is wrong; the message starts with file:line:column."""


class StoreError(VeilleError):
    """The database cannot be opened, read or written."""


class BusyError(StoreError):
    """Another program has been writing to the database for longer than veille waits."""

    exit_code = 4


class ReadError(VeilleError):
    """A document is not what it should be."""


class OpmlError(ReadError):
    """No subscriptions can be read from a document."""


class ParseError(ReadError):
    """No feed can be read from a document."""


class FetchError(VeilleError):
    """An address could not be fetched."""


class OutputError(VeilleError):
    """A file could not be written."""


class TemplateError(VeilleError):
    """A template cannot be used; the message starts with file:line."""


class LockedError(VeilleError):
    """Another veille holds the lock."""

    exit_code = 4
