"""docs/cron.md: each recipe is run as cron would, and what it shows is what is printed."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crontabs import put_veille, split_job
from publisher import Answer, Publisher
from running import rss

PAGE = (Path(__file__).parents[2] / "docs" / "cron.md").read_text("utf-8")
MOI = "/home/moi"
CONFIG = """\
[digest.matin]
output = "{name}.md"
[alert.crise]
query = "boycott"
file = "~/alerts.txt"
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def moi(tmp_path: Path, publisher: Publisher) -> Path:
    """The home of somebody who has veille, a feed, a digest and an alert; everything in its usual place, and twice."""
    home = tmp_path / "home of moi"
    put_veille(home / ".local" / "bin" / "veille")
    told = {"1": "Boycott à Brest", "2": "Un panda"}
    feed = publisher.serve("/feed", Answer(body=rss(told, at=datetime.now(UTC))))
    for places in ({}, {"VEILLE_HOME": str(home / "veille")}):
        config = home / "veille" if places else home / ".config" / "veille"
        config.mkdir(parents=True)
        (config / "config.toml").write_text(CONFIG, "utf-8")
        run(home, f"'{home}/.local/bin/veille' add --as-is {feed}", places)
    return home


def run(home: Path, command: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """As cron does: by sh, at home, with next to no environment."""
    environment = {"HOME": str(home), "LOGNAME": "moi", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"} | variables
    pairs = [f"{name}={value}" for name, value in environment.items()]
    return subprocess.run(
        ["env", "-i", *pairs, "/bin/sh", "-c", command], cwd=home, capture_output=True, text=True, check=False
    )


def jobs(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The commands of a crontab, each with the variables set above it."""
    variables: dict[str, str] = {}
    for line in text.splitlines():
        setting = re.fullmatch(r"(\w+)=(.*)", line)
        if setting:
            variables[setting[1]] = setting[2]
        else:
            yield split_job(line), dict(variables)


RECIPES = [job for block in blocks("crontab") for job in jobs(block)]
RECIPES += [(block.split(None, 3)[3].strip(), {}) for block in blocks("anacrontab")]
# What each leaves behind, in the order of the page.
LEFT = [
    ".config/veille/matin.md",
    "veille/????-??-??.html",
    "veille.log",
    "alerts.txt",
    "veille/veille.db",
    "public_html/revue/index.html",
    ".config/veille/matin.md",
]


@pytest.mark.parametrize(("recipe", "left"), list(zip(RECIPES, LEFT, strict=True)), ids=range(len(LEFT)))
def test_a_recipe_does_what_it_says(moi: Path, recipe: tuple[str, dict[str, str]], left: str) -> None:
    command, variables = recipe
    # A home with a blank in its name would need quotes that the page leaves out: a link has none.
    plain = moi.parent / "moi"
    plain.symlink_to(moi)
    done = run(
        plain,
        command.replace(MOI, str(plain)),
        {name: value.replace(MOI, str(plain)) for name, value in variables.items()},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (made,) = plain.glob(left)
    if made.suffix in (".md", ".html") and "revue" not in str(made):
        assert "Boycott" in made.read_text("utf-8")


def test_the_alert_is_told_once(moi: Path) -> None:
    command, _ = RECIPES[3]
    command = command.replace(MOI, f"'{moi}'")
    assert run(moi, command, {}).returncode == 0
    once = (moi / "alerts.txt").read_text("utf-8")
    assert "Boycott" in once
    assert run(moi, command, {}).returncode == 1
    assert (moi / "alerts.txt").read_text("utf-8") == once


def test_the_units_shown_are_those_that_are_printed(moi: Path) -> None:
    (shown,) = blocks("ini")
    done = run(moi, f"'{moi}/.local/bin/veille' cron show --systemd --at 7:00 --days mon-fri --digest matin", {})
    words = re.sub(r"ExecStart=(-?).* --log ", r"ExecStart=\1VEILLE --log ", done.stdout)
    wanted = re.sub(r"ExecStart=(-?).* --log ", r"ExecStart=\1VEILLE --log ", shown)
    assert words.replace(f'"{moi}/.local/share/veille/cron.log"', f"{MOI}/.local/share/veille/cron.log") == wanted


def test_every_option_that_is_shown_exists(moi: Path) -> None:
    for line in "".join(blocks("console")).splitlines():
        command = line.removeprefix("$ ").partition("#")[0].strip()
        if command.startswith("veille cron install"):
            alert = command.replace("--alert crise", "--alert crise --dry-run").replace("veille", "", 1)
            done = run(moi, f"'{moi}/.local/bin/veille' {alert} --dry-run", {})
            assert (done.returncode, done.stderr) == (0, "")
