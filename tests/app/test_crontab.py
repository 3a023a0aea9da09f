"""The marked block of a crontab: other bytes stay, odd blocks are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.app.crontab import put_block, split_crontab, take_block
from veille.errors import ConfigError

OTHERS = b"MAILTO=moi\n# h\xe9\r\n\n5 4 * * * tr\xe8s vieux\n"
LINES = ["0 7 * * * veille digest"]


def test_other_lines_are_kept_byte_for_byte() -> None:
    installed = put_block(OTHERS, LINES)
    assert installed.startswith(OTHERS)
    assert take_block(installed) == OTHERS


@given(st.binary().filter(lambda text: b"veille" not in text))
def test_any_crontab_comes_back(text: bytes) -> None:
    ended = text if text.endswith(b"\n") or not text else text + b"\n"
    assert take_block(put_block(text, LINES)) == ended


def test_a_second_block_takes_the_place_of_the_first() -> None:
    once = put_block(OTHERS, LINES)
    after = once + b"1 1 * * * autre\n"
    twice = put_block(after, ["0 8 * * * veille digest"])
    assert twice == after.replace(b"0 7", b"0 8")
    assert put_block(twice, ["0 8 * * * veille digest"]) == twice
    assert take_block(twice) == OTHERS + b"1 1 * * * autre\n"


def test_a_line_that_is_not_ended_is_ended_first() -> None:
    assert put_block(b"1 1 * * * autre", LINES).startswith(b"1 1 * * * autre\n# >>> veille")


BLOCK = put_block(b"", LINES)
BEGIN, LINE, END = BLOCK.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"x\n" + BEGIN + LINE, 2),
        (LINE + END, 2),
        (END + BEGIN, 1),
        (BLOCK + BLOCK, 4),
        (BEGIN + BLOCK, 2),
        (BLOCK + END, 4),
    ],
)
def test_odd_blocks_are_refused_with_their_line(text: bytes, at: int) -> None:
    for change in (split_crontab, take_block, lambda text: put_block(text, LINES)):
        with pytest.raises(ConfigError, match=f"^crontab:{at}:1: .*crontab -e"):
            change(text)


def test_blocks_of_others_that_begin_with_the_same_word_are_theirs() -> None:
    theirs = b"# >>> veille concurrentielle (mes scripts)\n0 5 * * * /home/moi/a.sh\n# <<< veille concurrentielle\n"
    installed = put_block(theirs, LINES)
    assert installed == theirs + BLOCK
    assert put_block(installed, LINES) == installed
    assert take_block(installed) == take_block(theirs) == theirs


def test_a_block_with_the_line_ends_of_another_system_is_ours() -> None:
    assert take_block(OTHERS + BLOCK.replace(b"\n", b"\r\n")) == OTHERS
