"""Words of strangers are no commands: not to a shell, not to SQL; and a directory one stands in runs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import query, rss, subscribe_all

if TYPE_CHECKING:
    from cli.conftest import Run

SOURCE = Path(__file__).parents[2] / "src"
# As a console script is: the first place it imports from is its own.
SCRIPT = f"import sys; sys.path.insert(1, {str(SOURCE)!r}); from veille.__main__ import main; sys.exit(main())"


def install(place: Path, name: str, text: str) -> Path:
    """A program that is found by its path."""
    place.mkdir(exist_ok=True)
    program = place / name
    program.write_text(f"#!{sys.executable}\n{text}\n", "utf-8")
    program.chmod(0o755)
    return program


def feed_with(link: str) -> bytes:
    """A feed whose one entry leads there."""
    return (
        "<rss version='2.0'><channel><title>Odd</title><item><guid>1</guid><title>One</title>"
        f"<link><![CDATA[{link}]]></link></item></channel></rss>"
    ).encode()


@pytest.mark.parametrize(
    "link",
    [
        "https://one.example/a;touch$IFS'b'|c&d>e",
        "https://one.example/$(id)`id`?x=%s&y=%action",
        "https://one.example/ --new-window -P x",
        "https://one.example/\"' \\",
    ],
)
def test_an_address_opened_is_one_argument(tmp_path: Path, run: Run, publisher: Publisher, link: str) -> None:
    seen = tmp_path / "seen"
    browser = install(tmp_path / "bin", "browser", f"import sys; open({str(seen)!r}, 'w').write(repr(sys.argv[1:]))")
    subscribe_all([publisher.serve("/a", Answer(body=feed_with(link)))])
    assert run("fetch", "--force").code == 0
    (story,) = run("top", "--json").json
    env = os.environ | {"BROWSER": f"{browser} %s", "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-m", "veille", "open", str(story["id"])], env=env, cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert seen.read_text("utf-8") == repr([story["url"]])
    assert story["url"].startswith("https://one.example/")
    assert [one.name for one in tmp_path.iterdir() if one.name in ("b", "e", "e'")] == []


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "-P", "data:text/html,x", "//[", "mailto:a@b.example"]
)
def test_what_is_no_web_address_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, publisher: Publisher, link: str
) -> None:
    seen = tmp_path / "seen"
    browser = install(tmp_path / "bin", "browser", f"open({str(seen)!r}, 'w').write('opened')")
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    subscribe_all([publisher.serve("/a", Answer(body=feed_with(link)))])
    assert run("fetch", "--force").code == 0
    (story,) = run("top", "--json").json
    result = run("open", str(story["id"]))
    if "127.0.0.1" in story["url"]:  # a relative one is a page of the feed's
        return
    assert result.code == 2
    assert not seen.exists()


@pytest.mark.parametrize(
    "words",
    [
        "'; DROP TABLE entries; --",
        '" OR 1=1 --',
        'title: "x" NEAR/2 {a b} : c',
        "x*) OR (rowid",
        "a\x00b",
        "{title} : one",
        "\\",
    ],
)
def test_words_searched_are_no_sql_and_no_operators_of_the_index(
    home: Path, run: Run, publisher: Publisher, words: str
) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "One", "2": words.replace(chr(0), "")})))])
    assert run("fetch", "--force").code == 0
    result = run("search", words)
    assert result.code in (0, 1, 2)
    assert "veille itself" not in result.err
    assert query(home, "SELECT count(*) FROM entries") == [(2,)]


def test_the_directory_one_stands_in_gives_neither_code_nor_settings(
    tmp_path: Path, home: Path, publisher: Publisher
) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "One"}, title="&nbsp;<b>Odd</b>")))])
    there, marker = tmp_path / "there", tmp_path / "ran"
    there.mkdir()
    for name in ("veille", "feedparser", "lxml", "nh3", "typing", "webbrowser", "httpx", "sitecustomize", "Stemmer"):
        (there / f"{name}.py").write_text(f"open({str(marker)!r}, 'a').write({name!r})\n", "utf-8")
    (there / "config.toml").write_text("[fetch]\njobs = 7\n", "utf-8")
    (there / "rules.toml").write_text("broken", "utf-8")
    program = install(tmp_path / "bin", "veille", SCRIPT)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for command in (("fetch", "--force"), ("digest", "-o", "-"), ("config",), ("top",)):
        done = subprocess.run(
            [program, *command], env=environment, cwd=there, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "= 7" not in done.stdout
    assert not marker.exists()
    assert home != there
    assert query(home, "SELECT title FROM entries") == [("One",)]
