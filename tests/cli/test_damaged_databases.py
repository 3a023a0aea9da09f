"""Every command over databases damaged in two hundred ways: one line and an exit code, never a traceback or a hang."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from damaged import damage, make_lived_in

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

SEEDS = 200
AT_ONCE = 20
# All of them are run over each damage of some seeds, and a few over every seed.
COMMANDS = [
    ("top",), ("top", "--json", "--kw", "mot3"), ("search", "mot5 AND sujet"), ("feeds", "--json"),
    ("feeds", "--health"),
    ("show", "1003"), ("show", "1000", "--json"), ("story", "1005"), ("mark", "read", "1002"), ("mark", "star", "1290"),
    ("note", "1001", "une note"), ("export",), ("digest", "-o", "-"), ("session", "--plan"), ("ledger",), ("rules",),
    ("alert", "--kw", "mot3"), ("why", "1004"), ("tag", "http://feed1.example/feed", "b"), ("rename", "3", "Autre"),
    ("remove", "http://feed2.example/feed"), ("story", "split", "1000"), ("rules", "doctor"), ("fetch", "--json"),
    ("mute", "5"), ("add", "--as-is", "https://new.example/rss"), ("config",), ("where",), ("rules", "suggest"),
]  # fmt: skip
DAMAGED = {1, 2, 3, 0, 4}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_lived_in(tmp_path_factory.mktemp("lived") / "veille.db")


def put(home: Path, content: bytes) -> Path:
    shutil.rmtree(home)
    home.mkdir()
    (home / "rules.toml").write_text('[[rule]]\nmatch = "mot3"\nweight = 2\n')
    path = home / "veille.db"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_no_command_has_a_traceback(run: Run, home: Path, lived_in: bytes, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        content = damage(lived_in, seed)
        for number in range(3):
            command = COMMANDS[(seed * 3 + number) % len(COMMANDS)]
            put(home, content)
            result = run(*command)
            said = (seed, command, result.err)
            assert result.code in DAMAGED, said
            assert "fault in veille" not in result.err, said


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_the_doctor_sees_it_and_touches_nothing(run: Run, home: Path, lived_in: bytes, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        content = damage(lived_in, seed)
        path = put(home, content)
        path.chmod(0o600)
        for command in (("doctor", "--offline", *(["--json"] if seed % 2 else [])),):
            result = run(*command)
            assert result.code in {0, 1}, (seed, result.err)
            assert "fault in veille" not in result.err, (seed, result.err)
            assert path.read_bytes() == content, seed
        saved = home / "saved.db"
        result = run("doctor", "--salvage", str(saved))
        assert "fault in veille" not in result.err, (seed, result.err)
        assert path.read_bytes() == content, seed
        checked = run("--db", str(saved), "doctor", "--offline", "--json")
        assert checked.code == 0, (seed, checked.out)
