"""Times as people write them, and as crontabs, systemd and launchd do."""

import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crontabs import put_program, split_job
from veille.app.timetable import (
    Errand,
    Program,
    read_days,
    read_every,
    read_times,
    write_launchd,
    write_lines,
    write_systemd,
)
from veille.errors import UsageError

ODD = '/tmp/a b%d/$HOME\'s "x"'  # noqa: S108 - never made
PROGRAM = Program(words=("/opt/veille",), environment={}, log="/log")
FETCH, DIGEST = ("fetch", "-q"), ("digest", "-q", "matin")


@pytest.mark.parametrize(
    ("texts", "times"), [(["7:00"], [(7, 0)]), (["18h30", "7h", "07:00"], [(7, 0), (18, 30)]), (["0:05"], [(0, 5)])]
)
def test_times_of_day(texts: list[str], times: list[tuple[int, int]]) -> None:
    assert read_times(texts) == tuple(times)


@pytest.mark.parametrize("text", ["", "7", "24:00", "7:60", "7:0", "sept heures", "7:00\n* * * * * x"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--at"):
        read_times([text])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1-5", (1, 2, 3, 4, 5)),
        ("mon-fri", (1, 2, 3, 4, 5)),
        ("Lun-Ven", (1, 2, 3, 4, 5)),
        ("1,3,5", (1, 3, 5)),
        ("7", (0,)),
        ("5-7", (0, 5, 6)),
        ("sat-mon", (0, 1, 6)),
        ("0-6", ()),
        ("0-7", ()),
        ("1-7", ()),
        ("monday", (1,)),
    ],
)
def test_days(text: str, days: tuple[int, ...]) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["8", "", "1-", "*", "1-5; x", "lundis-"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--days"):
        read_days(text)


@pytest.mark.parametrize(("text", "when"), [("15m", "*/15 * * * *"), ("1h", "0 */1 * * *"), ("120m", "0 */2 * * *")])
def test_every(text: str, when: str) -> None:
    (line,) = write_lines([Errand(name="x", commands=(FETCH,), every=read_every(text))], PROGRAM)
    assert line.startswith(f"{when} /opt/veille ")


@pytest.mark.parametrize("text", ["7m", "45m", "5h", "90s", "24h", "0m"])
def test_what_goes_into_no_hour_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--every"):
        read_every(text)


def test_each_time_has_a_line() -> None:
    errand = Errand(name="x", commands=(FETCH, DIGEST), times=((7, 0), (18, 30)), days=(1, 2, 3, 4, 5))
    command = "/opt/veille --log /log fetch -q >/dev/null 2>&1; /opt/veille --log /log digest -q matin"
    assert write_lines([errand], PROGRAM) == [f"0 7 * * 1-5 {command}", f"30 18 * * 1-5 {command}"]


def test_a_shell_reads_the_words_that_were_meant(tmp_path: Path) -> None:
    program = put_program(tmp_path / "p%1 $x", 'printf "%s\\n" "$VEILLE_HOME" "$@"')
    errand = Errand(name="x", commands=(("digest", ODD),), times=((7, 0),))
    started = Program(words=(str(program),), environment={"VEILLE_HOME": ODD}, log=ODD)
    (line,) = write_lines([errand], started)
    done = subprocess.run(["/bin/sh", "-c", split_job(line)], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [ODD, "--log", ODD, "digest", ODD]


def test_what_cron_would_cut_is_refused() -> None:
    with pytest.raises(UsageError, match="998"):
        write_lines([Errand(name="x", commands=(DIGEST,) * 40, times=((7, 0),))], PROGRAM)
    with pytest.raises(UsageError, match="line break"):
        write_lines([Errand(name="x", commands=(("digest", "a\nb"),), times=((7, 0),))], PROGRAM)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = put_program(tmp_path / "veille", "exit 0")
    started = Program(words=(str(program),), environment={"VEILLE_HOME": ODD}, log=ODD)
    errands = [
        Errand(name="digest", commands=(FETCH, DIGEST), times=((7, 0), (18, 30)), days=(1, 3)),
        Errand(name="alert", commands=(FETCH,), every=120),
        Errand(name="fetch", commands=(FETCH,), every=15),
    ]
    text = write_systemd(errands, started)
    names = []
    for part in re.split(r"(?m)^(?=# ~)", text)[1:]:
        name = part.splitlines()[0].rpartition("/")[2]
        (tmp_path / name).write_text(part, "utf-8")
        names.append(str(tmp_path / name))
    assert len(names) == 6
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *names], env=environment, capture_output=True, text=True, check=False
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze cannot check units here")
    assert (done.returncode, done.stderr) == (0, "")
    for when in re.findall(r"OnCalendar=(.*)", text):
        subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_launchd_is_given_property_lists() -> None:
    errands = [
        Errand(name="digest", commands=(DIGEST,), times=((7, 0),), days=(1, 2)),
        Errand(name="alert", commands=(FETCH,), every=15),
    ]
    text = write_launchd(errands, Program(words=(ODD,), environment={"A": ODD}, log="/log"))
    first, second = (plistlib.loads(f"<?xml{part}".encode()) for part in text.split("<?xml")[1:])
    assert first["Label"] == "veille.digest"
    assert first["StartCalendarInterval"] == [
        {"Hour": 7, "Minute": 0, "Weekday": 1},
        {"Hour": 7, "Minute": 0, "Weekday": 2},
    ]
    shell, option, script = first["ProgramArguments"]
    assert (shell, option) == ("/bin/sh", "-c")
    assert script.endswith("--log /log digest -q matin")
    assert second["StartInterval"] == 900
