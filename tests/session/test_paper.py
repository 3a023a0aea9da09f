"""Long and hostile texts on a page of cells."""

from __future__ import annotations

import time

import pytest

from sitting import ARABIC, EMOJI, HOSTILE, LONG, WIDE
from veille.session.paper import Block, Page, cut, line, settle
from veille.text import clean_line


def test_portions_are_the_whole_text_and_cut_between_words() -> None:
    text = "mot de passe " * 2000
    portions = [part for part, _ in cut(text)]
    assert "".join(portions) == text
    assert all(part.startswith(" ") for part in portions[1:])


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    assert [len(part) for part, _ in cut("x" * 9000)] == [4000, 4000, 1000]


def test_portions_of_one_paragraph_leave_no_short_line() -> None:
    blocks = [Block(line((part, "")), more) for part, more in cut("mot " * 3000)]
    page = Page(blocks, 40)
    page.reach(10_000)
    assert page.whole
    assert all(len(one.plain.rstrip()) > 30 for one in page.lines[:-1])


@pytest.mark.parametrize("title", [HOSTILE, WIDE, EMOJI, ARABIC, LONG, "", "x" * 500])
@pytest.mark.parametrize("width", [2, 7, 40])
def test_no_line_is_wider_than_the_page(title: str, width: int) -> None:
    page = Page([Block(line((clean_line(title), "bold")))], width)
    page.reach(1000)
    assert max(one.cell_length for one in page.lines) <= width


def test_a_book_is_laid_out_only_as_far_as_it_is_seen() -> None:
    text = "réputation " * 200_000
    blocks = (Block(line((part, "")), more) for part, more in cut(text))
    page = Page(blocks, 80)
    started = time.process_time()
    page.reach(50)
    assert 50 <= len(page.lines) < 200
    assert time.process_time() - started < 0.5


def test_emoji_lose_what_terminals_draw_differently() -> None:
    assert settle(EMOJI) == "Une 👩💻 développeuse 👍 et un cœur ❤ au marché 🇫🇷"
