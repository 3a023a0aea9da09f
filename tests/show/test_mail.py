"""Issues as mail: parsed back they say what was said, whatever titles hold; the same bytes for the same issue."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.issue import Issue, Tongue
from veille.show.mail import Letter, render_mail, render_notice

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
ISSUE = Issue(kind="digest", name="matin", number=12, title="Veille du matin, n° 12", written_at=NOW)
SENDER = '"Veille, l’été" <v@example.org>'
HTML = (
    "<!doctype html><html><head><style>p { color: #333 } @media (prefers-color-scheme: dark) { p { color: #eee } }"
    '</style><link rel="stylesheet" href="http://127.0.0.1:9/x.css"></head><body><p>Été</p></body></html>'
)


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def write(issue: Issue = ISSUE, *, to: str = "Zoë <zoe@example.org>", html: str = HTML, text: str = "Été\n") -> bytes:
    return render_mail(issue, sender=SENDER, to=to, html=html, text=text)


def test_an_issue_has_two_forms_and_the_headers_that_mail_needs() -> None:
    message = parse(write())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    plain, html = (part.get_content() for part in message.iter_parts())
    assert plain.strip() == "Été"
    assert message["From"] == SENDER
    assert message["To"] == "Zoë <zoe@example.org>"
    assert message["Subject"] == "Veille du matin, n° 12"
    assert message["Date"] == "Sat, 21 Nov 2026 06:30:00 +0000"
    assert message["List-Id"] == "<matin-digest.veille.example.org>"
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    # Styles in the elements for readers that drop sheets, the sheet for dark mode; nothing remote.
    assert 'style="color: #333;"' in html
    assert "prefers-color-scheme: dark" in html
    assert "x.css" not in html


@pytest.mark.parametrize(
    ("title", "tongue", "subject"),
    [
        ("Revue du matin", "fr", "Revue du matin, N° 12"),
        ("Morning", "en", "Morning, No. 12"),
        ("Les 12 d'hier", "fr", "Les 12 d'hier, N° 12"),
        ("Veille, N°12", "fr", "Veille, N°12"),
        ("", "fr", "N° 12"),
    ],
)
def test_the_subject_tells_one_issue_from_the_next(title: str, tongue: Tongue, subject: str) -> None:
    assert parse(write(replace(ISSUE, title=title, tongue=tongue)))["Subject"] == subject


def test_the_same_issue_is_the_same_message_and_another_is_another() -> None:
    assert write() == write()
    others = [
        write(replace(ISSUE, number=13)),
        write(replace(ISSUE, name="soir")),
        write(replace(ISSUE, kind="review")),
        write(to="a@example.org"),
    ]
    assert len({parse(one)["Message-ID"] for one in (write(), *others)}) == 5


def test_a_message_for_nobody_in_particular_can_be_opened() -> None:
    message = parse(render_mail(ISSUE, sender="", to="", html=HTML, text="x"))
    assert (message["From"], message["To"]) == (None, None)
    assert message["Message-ID"].endswith("@veille.invalid>")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("matin", "matin-digest"),
        ("Été à Paris", "ete-a-paris-digest-"),
        ("你好", "digest-"),
        ("a>\r\nBcc: x", "a-bcc-x-digest-"),
    ],
)
def test_the_list_is_called_by_what_a_domain_may_hold(name: str, label: str) -> None:
    message = parse(write(replace(ISSUE, name=name)))
    assert message["List-Id"].startswith(f"<{label}")
    assert message["List-Id"].isascii()
    assert message["Bcc"] is None


@given(title=st.text(max_size=400), text=st.text(max_size=400))
def test_whatever_a_title_holds_it_begins_no_header(title: str, text: str) -> None:
    raw = write(replace(ISSUE, title=title), html=f"<p>{text.encode('utf-8', 'replace').decode()}</p>", text=text)
    message = parse(raw)
    expected = "From To Subject Date Message-ID List-Id Auto-Submitted MIME-Version Content-Type".split()
    assert list(message.keys()) == expected
    assert len(list(message.iter_parts())) == 2
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_title_of_a_million_letters_is_cut() -> None:
    raw = write(replace(ISSUE, title="é" * 1_000_000))
    assert len(raw) < 5000
    assert parse(raw)["Subject"].startswith("ééé")
    assert parse(raw)["Subject"].endswith("…, No. 12")


def test_a_notice_is_plain() -> None:
    letter = Letter(key="k", series="failures", subject="veille: 1\nBcc: x", sender=SENDER, to="a@b.fr", written_at=NOW)
    message = parse(render_notice(letter, "disque plein\n.\nFrom x"))
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "disque plein\n.\nFrom x\n"
    assert message["Bcc"] is None
