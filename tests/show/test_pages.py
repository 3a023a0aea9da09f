"""Pages as browsers and validators take them: valid, readable in light and dark, asking for nothing from anywhere."""

import os
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from issuing import make_full_issue, make_hostile_issue, make_issue
from veille.show.rendering import render, render_for_mail
from veille.show.templating import OURS

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
VALIDATOR = ["vnu"] if shutil.which("vnu") else []
if "VNU_JAR" in os.environ:
    VALIDATOR = ["java", "-jar", os.environ["VNU_JAR"]]
TEXTS = ("ink", "dim", "link", "mark")


@pytest.mark.skipif(not VALIDATOR, reason="no HTML validator: put vnu in PATH, or its jar in VNU_JAR")
def test_pages_are_valid(tmp_path: Path) -> None:
    pages = {
        "full": render("html", make_full_issue(), address="https://revue.example/12.html"),
        "french": render("html", make_full_issue(tongue="fr", kind="review")),
        "empty": render("html", make_issue()),
        "hostile": render("html", make_hostile_issue()),
        "mail": render_for_mail(make_full_issue()),
        "hostile-mail": render_for_mail(make_hostile_issue()),
    }
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_text(page, "utf-8")
    command = [*VALIDATOR, "--format", "text", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Counter(threading.Thread):
    """A proxy on loopback that takes what it is asked for and gives nothing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []

    def run(self) -> None:
        while True:
            try:
                guest, _ = self.door.accept()
            except OSError:
                return
            with guest:
                guest.settimeout(2)
                try:
                    self.asked.append(guest.recv(4096).decode("latin-1").partition("\r\n")[0])
                    guest.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                except OSError:
                    continue


def open_page(page: Path, directory: Path) -> list[str]:
    """What a browser asks of `.example` hosts while a page is open, read or printed."""
    counter = Counter()
    counter.start()
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={directory / 'profile'}",
        f"--proxy-server=127.0.0.1:{counter.door.getsockname()[1]}",
        f"--screenshot={directory / 'page.png'}",
        "--window-size=360,1200",
        "--virtual-time-budget=2000",
        page.as_uri(),
    ]
    subprocess.run(command, capture_output=True, timeout=90, check=False)
    counter.door.close()
    assert (directory / "page.png").is_file(), "the browser did not open the page"
    return [line for line in counter.asked if ".example" in line]


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
def test_a_browser_asks_for_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render("html", make_hostile_issue()), "utf-8")
    assert open_page(page, tmp_path) == []
    # The same proxy hears of a page that does ask.
    page.write_text("<!doctype html><title>x</title><img src='http://leak.example/i' alt=''>", "utf-8")
    (tmp_path / "page.png").unlink()
    assert any("leak.example" in line for line in open_page(page, tmp_path))


def test_a_page_forbids_what_it_does_not_need() -> None:
    page = render("html", make_full_issue())
    assert "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" in page
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not re.search(r"@import|url\(|<script|<iframe|<object|<img|<link(?! rel=\"canonical\")", page)
    for landmark in ("<header", "<main", "<nav", "<footer", '<html lang="en">', 'lang="fr"'):
        assert landmark in page, landmark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out_from_their_ground(scheme: str) -> None:
    tables = re.findall(r":root \{([^}]*)\}", (OURS / "style.css.j2").read_text("utf-8"))
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", tables[["light", "dark"].index(scheme)]))
    for ground in ("paper", "soft"):
        for text in TEXTS:
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["bar"], colours["paper"]) >= 3
    assert contrast(colours["bar"], colours["pale"]) >= 1.8


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
