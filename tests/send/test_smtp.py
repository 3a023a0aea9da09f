"""Mail to real servers on loopback: taken, put off, refused, and never sent over a line that others can read."""

import base64
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postbox import PASSWORD, USER, Postbox, make_certificate, serve_lines, server_context, speak
from veille.send.smtp import Mailer
from veille.send.trouble import DeliveryError
from veille.sendconfig import MailSettings
from veille.show.mail import Letter, render_notice

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TO = "Zoë <zoe@example.org>"


def message(key: str = "a", subject: str = "Crise : l’été") -> bytes:
    letter = Letter(key=key, series="essai", subject=subject, sender="Veille <v@example.org>", to=TO, written_at=NOW)
    return render_notice(letter, "Bonjour.\n.\nFrom nobody, été\n")


def settings(port: int, **values: object) -> MailSettings:
    made = MailSettings(
        host="127.0.0.1", port=port, security="none", sender="Veille <v@example.org>", timeout=timedelta(seconds=2)
    )
    return replace(made, **values)  # type: ignore[arg-type]


def send(made: MailSettings, *messages: bytes) -> None:
    mailer = Mailer(made)
    try:
        for one in messages or (message(),):
            mailer.send(one, to=TO)
    finally:
        mailer.close()


def fail(made: MailSettings) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(made)
    assert "\n" not in caught.value.reason
    assert PASSWORD not in caught.value.reason
    return caught.value


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    return {"user": USER, "password": "$MAIL_PASSWORD"}


def test_a_server_takes_several_messages_on_one_connection_as_they_were_written() -> None:
    with Postbox() as box:
        send(settings(box.port), message("a"), message("b"))
        first, second = box.messages
    assert box.targets == ["zoe@example.org"] * 2
    assert first["Subject"] == "Crise : l’été"
    assert str(first["To"]) == "Zoë <zoe@example.org>"
    assert first.get_content().replace("\r\n", "\n") == "Bonjour.\n.\nFrom nobody, été\n"
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 4.7.1 greylisted, come back later", False), ("550 5.7.1 this is spam", True), ("552 too large", True)],
)
def test_what_a_server_says_of_a_message_decides_whether_it_is_tried_again(answer: str, permanent: bool) -> None:  # noqa: FBT001
    with Postbox(answers=[answer]) as box:
        error = fail(settings(box.port))
        assert (error.permanent, error.whole) == (permanent, False)
        assert answer.partition(" ")[2] in error.reason
        assert box.taken == []
        send(settings(box.port))
        assert len(box.taken) == 1


def test_a_refused_address_leaves_the_connection_to_the_next_message() -> None:
    with Postbox(refused=frozenset({"gone@example.org"})) as box:
        mailer = Mailer(settings(box.port))
        with pytest.raises(DeliveryError, match=r"550 5\.1\.1 no such mailbox") as caught:
            mailer.send(message(), to="gone@example.org")
        assert caught.value.permanent
        mailer.send(message(), to=TO)
        mailer.close()
    assert len(box.taken) == 1


def test_starttls_and_tls_with_a_certificate_that_is_trusted(
    certificate: Path, secret: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = server_context(certificate)
    with Postbox(starttls=context, auth=True) as box:
        send(settings(box.port, security="starttls", **secret))
        send(settings(box.port, security="starttls", host="localhost", **secret))
    assert len(box.taken) == 2
    assert box.logins == [(USER.encode(), PASSWORD.encode())] * 2
    with Postbox(secure=context, auth=True) as box:
        send(settings(box.port, security="tls", **secret))
    assert len(box.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    security: str, certificate: Path, secret: dict[str, str]
) -> None:
    context = server_context(certificate)
    with Postbox(auth=True, **{"secure" if security == "tls" else "starttls": context}) as box:  # type: ignore[arg-type]
        error = fail(settings(box.port, security=security, **secret))
    assert error.reason.startswith(f"127.0.0.1:{box.port}: its certificate is not trusted: self")
    assert error.reason.endswith(": nothing was sent")
    assert (error.permanent, error.whole) == (False, True)
    assert (box.taken, box.logins) == ([], [])


def test_no_password_goes_to_a_server_without_starttls(secret: dict[str, str]) -> None:
    with Postbox(auth=True) as box:
        error = fail(settings(box.port, security="starttls", **secret))
    assert "it offers no STARTTLS: nothing was sent" in error.reason
    assert (box.taken, box.logins) == ([], [])


@pytest.mark.parametrize(("host", "advice"), [("127.0.0.1", "none"), ("localhost", "none"), ("0", "tls")])
def test_without_starttls_no_security_is_advised_on_this_machine_alone(host: str, advice: str) -> None:
    """A bare 0 reaches this machine, and is no name of it."""
    with Postbox() as box:
        error = fail(settings(box.port, security="starttls", host=host))
    assert error.reason.endswith(f'try security = "{advice}", or ask who runs it')


def test_tls_to_a_port_that_speaks_plainly_is_told() -> None:
    with Postbox() as box:
        assert "is the port one for this kind of security?" in fail(settings(box.port, security="tls")).reason


def test_a_wrong_password_is_told_and_tried_again_once_it_is_mended(
    secret: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "wrong")
    with Postbox(auth=True) as box:
        error = fail(settings(box.port, **secret))
        assert "it does not take this user and password: 535" in error.reason
        assert (error.permanent, error.whole) == (False, True)
        monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
        send(settings(box.port, **secret))
    assert len(box.taken) == 1
    monkeypatch.delenv("MAIL_PASSWORD")
    assert "the environment variable MAIL_PASSWORD is not set" in fail(settings(1, **secret)).reason
    monkeypatch.setenv("MAIL_PASSWORD", "clé")
    assert "ASCII" in fail(settings(1, **secret)).reason


def test_a_server_that_sends_the_password_back_does_not_get_it_into_a_message(secret: dict[str, str]) -> None:
    plain = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    steps = {
        b"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n",
        b"AUTH": b"535 not " + PASSWORD.encode() + b" " + plain + b" \x1b[31m\r\n",
    }
    with serve_lines(speak(steps)) as port:
        reason = fail(settings(port, **secret)).reason
    assert reason.endswith("535 not … … [31m")


def test_a_hanging_server_is_left_after_its_time() -> None:
    with serve_lines(lambda _: time.sleep(1.5)) as port:
        began = time.monotonic()
        error = fail(settings(port, timeout=timedelta(seconds=0.3)))
        assert time.monotonic() - began < 1.2
    assert error.reason == f"127.0.0.1:{port}: no answer in time"


def test_a_server_that_answers_a_byte_at_a_time_is_left_too() -> None:
    def drip(one: socket.socket) -> None:
        one.settimeout(0.05)
        for _ in range(200):
            one.sendall(b"2")
            time.sleep(0.05)

    with serve_lines(drip) as port:
        began = time.monotonic()
        error = fail(settings(port, timeout=timedelta(seconds=0.1)))
    assert time.monotonic() - began < 4
    assert (error.permanent, error.whole) == (False, True)


def test_a_server_that_hangs_up_in_the_middle_of_a_message_is_tried_again() -> None:
    def drop(one: socket.socket) -> None:
        one.sendall(b"220 hello\r\n")
        with one.makefile("rb") as lines:
            for line in lines:
                if line.upper().startswith(b"DATA"):
                    one.sendall(b"354 go\r\n")
                    one.recv(20)
                    return
                one.sendall(b"250 OK\r\n")

    with serve_lines(drop) as port:
        error = fail(settings(port))
    assert not error.permanent
    assert str(port) in error.reason


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"554 go away\r\n", "554 go away"),
        (b"421 too many\r\n", "421 too many"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no answer of a mail server"),
        (b"x" * 20000, "Line too long"),
        (b"", "hung up"),
    ],
)
def test_a_server_that_is_none_or_wants_nothing_is_told_and_asked_later(greeting: bytes, said: str) -> None:
    with serve_lines(lambda one: one.sendall(greeting)) as port:
        error = fail(settings(port))
    assert said in error.reason
    assert (error.permanent, error.whole) == (False, True)


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert fail(settings(port)).reason == f"127.0.0.1:{port}: nothing listens there"
    assert "no such server by this name" in fail(settings(port, host="nowhere.invalid")).reason


def test_a_connection_that_a_server_has_closed_is_opened_anew() -> None:
    with Postbox(answers=["421 closing down"]) as box:
        mailer = Mailer(settings(box.port))
        with pytest.raises(DeliveryError):
            mailer.send(message("a"), to=TO)
        mailer.send(message("b"), to=TO)
        mailer.close()
    assert len(box.taken) == 1
