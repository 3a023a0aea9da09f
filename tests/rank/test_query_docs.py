"""docs/queries.md: what it says of each example is what the example does."""

import re
from pathlib import Path

import pytest

from veille.errors import QueryError
from veille.rank.printing import print_query
from veille.rank.query import parse_query

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text("utf-8")
LINES = [
    line for block in re.findall(r"^```query\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
READ = [re.split(r"\s+=>\s+", line) for line in LINES if "=>" in line]
REFUSED = [re.split(r"\s+!!\s+", line) for line in LINES if "!!" in line]
# In tables a | is written \|, and a few codes are values or commands.
TYPED = [code.replace(r"\|", "|") for code in re.findall(r"^\| `(.+?)` ", PAGE, re.MULTILINE)]


@pytest.mark.parametrize(("typed", "plain"), READ)
def test_an_example_is_understood_as_the_page_says(typed: str, plain: str) -> None:
    assert print_query(parse_query(typed).expression) == plain


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_an_example_is_refused_as_the_page_says(typed: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(typed)
    assert f"{caught.value.column}: {caught.value.what}" == said


def test_the_page_shows_examples() -> None:
    assert len(READ) + len(REFUSED) == len(LINES) >= 20


@pytest.mark.parametrize("cell", [cell for cell in TYPED if not cell.endswith(":")])
def test_every_form_of_the_table_parses(cell: str) -> None:
    for form in re.split("`(?:, | or )`", cell):
        parse_query(form)
