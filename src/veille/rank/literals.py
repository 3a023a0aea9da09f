"""The whole words that any match of a regular expression must hold: so that an index can be asked first.

Only what is certain: a word counts when a plain blank or sign stands before it in the pattern itself, for the edge of
a word also stands at marks that are inside it once it is folded (a soft hyphen). What is not understood needs nothing.
"""

from __future__ import annotations

import re

from veille.rank.expression import Both, Expression, Part, Term, TermKind
from veille.text import fold

# Letters whose other cases fold to the same letter, figures, and signs that always end a word.
_LETTERS = "a-zA-Z0-9àâäçèéêëîïôöùûüÀÂÄÇÈÉÊËÎÏÔÖÙÛÜ"
_ENDS = r" ',;:!\"/-"
_LITERAL = re.compile(rf"[{_LETTERS}{_ENDS}]|\\(?P<escaped>[ ',;:!\"/-])")
_REPEATED = re.compile(r"[*?{+]")
# What stands for characters that are not known, and takes no argument.
_UNKNOWN = re.compile(r"\\[dDwWsSbB.()?*+|\[\]{}^$\\]|[.^$]|\[\^?\]?[^\[\]\\]*\]|[*?+}]|\{\d*,?\d*\}")
_WORD = re.compile(rf"(?<=[{_ENDS}])(?P<word>[{_LETTERS}]+)(?P<whole>(?=[{_ENDS}]))?")
# Shorter words are everywhere, and beginnings of words take an index long to put together.
_SHORTEST: dict[TermKind, int] = {"exact": 4, "prefix": 6}


def find_needed(pattern: str, part: Part | None) -> Expression | None:
    """The words as an expression over what is indexed, None when none is certain."""
    needed: list[Term] = []
    for run in _list_runs(pattern):
        for found in _WORD.finditer(run):
            kind: TermKind = "prefix" if found["whole"] is None else "exact"
            if len(found["word"]) >= _SHORTEST[kind]:
                needed.append(Term((fold(found["word"]),), kind, part))
    return Both(tuple(needed)) if needed else None


def _list_runs(pattern: str) -> list[str]:
    """The characters that follow one another in every match; none where the pattern is not understood."""
    runs, run, at = [], "", 0
    while at < len(pattern):
        literal = _LITERAL.match(pattern, at)
        if literal is None:
            runs.append(run)
            run = ""
            unknown = _UNKNOWN.match(pattern, at)
            if unknown is None:
                return []
            at = unknown.end()
            continue
        at = literal.end()
        sign = literal["escaped"] or literal[0]
        if _REPEATED.match(pattern, at):
            # It may stand there more than once, or not at all.
            runs.append(run)
            run = ""
        else:
            run += sign
    return [*runs, run]
