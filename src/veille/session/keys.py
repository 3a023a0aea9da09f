"""The keys of the screen and what each does: one table, from which the bindings and the help are made."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """Keys as Textual names them, the action they call, and what help says: how they are written, what they do."""

    keys: str
    action: str
    shown: str
    does: str


KEYS = (
    Key("space,enter", "do('done')", "space enter", "read: on to the next"),
    Key("j,down", "move(1)", "j k  ↓ ↑", "another story, unmarked"),
    Key("k,up", "move(-1)", "", ""),
    Key("g,home", "move(-1000000)", "g G", "first, last story"),
    Key("G,end", "move(1000000)", "", ""),
    Key("J", "scroll(1)", "J K", "scroll by a line"),
    Key("K", "scroll(-1)", "", ""),
    Key("pagedown,ctrl+f,right_square_bracket", "page(1)", "pgdn pgup ] [", "scroll by a page"),
    Key("pageup,ctrl+b,left_square_bracket", "page(-1)", "", ""),
    Key("o", "browse", "o", "open in the browser"),
    Key("f", "full_text", "f", "fetch the full text"),
    Key("s", "star", "s", "star, or no longer"),
    Key("n", "ask('note')", "n", "write a note"),
    Key("t", "ask('tag')", "t", "tag (-tag takes it away)"),
    Key("d", "do('pick')", "d", "for the press review"),
    Key("r", "do('read')", "r u", "read, unread"),
    Key("u", "do('unread')", "", ""),
    Key("l", "do('later')", "l", "later: the next session"),
    Key("x", "kill", "x", "hide it, and the like"),
    Key("z", "undo", "z", "take the last back"),
    Key("w", "pane('why')", "w", "why it is here"),
    Key("slash", "ask('filter')", "/", "only stories that say"),
    Key("T", "pane('tail')", "T", "titles that do not fit"),
    Key("question_mark", "pane('help')", "? esc", "these keys, the story"),
    Key("escape", "escape", "", ""),
    Key("q", "leave", "q", "leave, and resume later"),
    Key("Q", "end", "Q", "end the session"),
)
HINT = "space next · s star · n note · l later · x hide · z undo · ? keys · q leave"
