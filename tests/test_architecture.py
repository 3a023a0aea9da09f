"""The house keeps its order: imports go down, third parties stay in their room, pure rooms stay pure."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "veille"
FILES = sorted(SOURCE.rglob("*.py"))

# Rooms from the top down: a room imports its own files and those of lower floors, never sideways.
FLOORS = [
    {"__main__"},
    {"cli"},
    {"session"},
    {"demo"},
    {"app"},
    {"fetch", "send", "store", "show", "config"},
    {"read", "rank"},
    {"feedconfig", "feedkeys", "digestconfig", "sendconfig", "sendkeys", "kinds", "references", "places"},
    {"text", "urls", "times", "toml", "settings"},
    {"outcome"},
    {"model", "issue", "delivery"},
    {"parsed"},
    {"feed"},
    {"errors"},
]
# Small pure leaves of one floor that lean on each other, lower first.
LEANING = {("times", "text"), ("urls", "text"), ("toml", "text"), ("settings", "times")}
LEANING |= {("feedconfig", "feedkeys"), ("feedkeys", "kinds"), ("feedkeys", "references")}
LEANING |= {("digestconfig", "kinds"), ("sendconfig", "kinds"), ("sendconfig", "references")}
LEANING |= {("sendconfig", "sendkeys"), ("sendkeys", "kinds"), ("sendkeys", "references"), ("digestconfig", "sendkeys")}

THIRD_PARTIES = {
    "typer": {"cli"},
    "rich": {"show", "cli/fetching.py"},
    "jinja2": {"show/templating.py"},
    "css_inline": {"show/mail.py"},
    "smtplib": {"send/smtp.py"},
    "keyring": {"send/secrets.py"},
    "httpx": {"fetch/http.py", "fetch/explain.py", "send/post.py"},
    "brotli": {"fetch/decode.py"},
    "feedparser": {"read/parse.py"},
    "nh3": {"read/normalise.py"},
    "lark": set(),
    "textual": {"session"},
    "trafilatura": {"read/article.py"},
    "lxml": {"read/article.py"},
    "tomlkit": {"rank/rulefile.py"},
    "regex": {"store", "rank"},
    "rapidfuzz": {"rank"},
    "Stemmer": {"text.py"},
    "sqlite_utils": {"store/schema.py"},
    "sqlite3": {"store"},
    "platformdirs": {"places.py"},
}
PURE = {
    "errors",
    "feed",
    "model",
    "issue",
    "delivery",
    "outcome",
    "parsed",
    "text",
    "urls",
    "times",
    "toml",
    "settings",
    "read",
    "rank",
}
PURE |= {"feedconfig", "feedkeys", "kinds", "references", "sendconfig", "sendkeys"}
IMPURE_MODULES = {"os", "random", "secrets", "socket", "subprocess", "sqlite3", "time", "tempfile", "pathlib", "sys"}
IMPURE_CALLS = re.compile(r"\b(?:open|input|print)\(|\.now\(|\.today\(|\.utcnow\(")
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(SOURCE))) for path in paths]


@pytest.mark.parametrize("path", named([path for path in FILES if room_of(path) != "__init__"]))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    for module in imports_of(path):
        parts = module.split(".")
        if parts[0] != "veille" or len(parts) == 1:
            continue
        target = parts[1]
        if target == room or (room, target) in LEANING:
            continue
        assert floor_of(target) > floor_of(room), f"{room} imports {module}"


@pytest.mark.parametrize("path", named(FILES))
def test_each_third_party_stays_in_its_room(path: Path) -> None:
    where = path.relative_to(SOURCE).as_posix()
    for module in imports_of(path):
        rooms = THIRD_PARTIES.get(module.split(".")[0])
        assert rooms is None or any(where == room or where.startswith(f"{room}/") for room in rooms), module


@pytest.mark.parametrize("path", named([path for path in FILES if room_of(path) in PURE]))
def test_pure_rooms_touch_nothing(path: Path) -> None:
    assert IMPURE_MODULES.isdisjoint(module.split(".")[0] for module in imports_of(path))
    code = re.sub(r'""".*?"""', "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not IMPURE_CALLS.search(code)


@pytest.mark.parametrize("path", named(FILES))
def test_files_stay_small_and_well_named(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")
    assert lines <= 300, f"{lines} lines: split it by what it does"
    assert path.stem not in VAGUE


def test_every_file_belongs_to_a_room() -> None:
    known = set().union(*FLOORS) | {"__init__"}
    assert {room_of(path) for path in FILES} <= known


def test_every_module_says_what_it_is() -> None:
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path
