"""POSTs to a real server on loopback, programs that run, files that grow."""

import json
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from postbox import Hook, serve_lines
from veille.send.command import append_file, run_command
from veille.send.post import Post, post_json
from veille.send.trouble import DeliveryError

BODY = json.dumps({"title": "Crise : l’été\r\nX-Evil: 1"}).encode()


def post(url: str, **values: object) -> None:
    made = Post(url=url, body=BODY, label="webhook of [alert.a]", timeout=timedelta(seconds=2), **values)  # type: ignore[arg-type]
    post_json(made)


def fail(url: str, **values: object) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        post(url, **values)
    assert "\n" not in caught.value.reason
    return caught.value


def test_json_is_posted_with_its_headers_secrets_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "s3cret")
    with Hook() as hook:
        post(f"{hook.url}/x?y=1", headers=(("Authorization", "Bearer $HOOK_TOKEN"),))
    ((path, headers, body),) = hook.taken
    assert (path, body) == ("/x?y=1", BODY)
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert "X-Evil" not in headers


def test_a_topic_of_ntfy_is_published_to_as_json() -> None:
    with Hook() as hook:
        post(f"{hook.url}/veille-me", topic=True)
    assert [path for path, _, _ in hook.taken] == ["/"]
    assert hook.json == [{"topic": "veille-me", "title": "Crise : l’été\r\nX-Evil: 1"}]


def test_what_a_topic_is_asked_with_is_no_part_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hook() as hook:
        monkeypatch.setenv("TOPIC", f"{hook.url}/under/veille-me/?auth=QmFz/YQ#x")
        post("$TOPIC", topic=True)
        monkeypatch.setenv("TOPIC", f"{hook.url}/?auth=QmFz/YQ")
        assert "is no address of a topic" in fail("$TOPIC", topic=True).reason
    assert [path for path, _, _ in hook.taken] == ["/under/?auth=QmFz/YQ"]
    assert hook.json[0]["topic"] == "veille-me"


@pytest.mark.parametrize(
    ("status", "permanent", "whole"),
    [(500, False, True), (429, False, True), (404, False, True), (400, True, False), (413, True, False)],
)
def test_what_a_server_answers_decides_whether_it_is_tried_again(status: int, permanent: bool, whole: bool) -> None:  # noqa: FBT001
    with Hook(answers=[(status, {}, b"<b>no\x1b[31m</b>\r\n" + b"z" * 100_000)]) as hook:
        error = fail(f"{hook.url}/x")
    assert (error.permanent, error.whole) == (permanent, whole)
    assert error.reason.startswith(f"webhook of [alert.a] at 127.0.0.1: {status} <b>no")
    assert len(error.reason) < 400


def test_what_redirects_gets_nothing_more() -> None:
    with Hook() as other, Hook(answers=[(307, {"Location": f"{other.url}/stolen"}, b"")]) as hook:
        error = fail(f"{hook.url}/x")
    assert "307: it has moved" in error.reason
    assert other.taken == []


def test_an_address_that_is_a_secret_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hook(answers=[(500, {}, b"no /T0K3N here")]) as hook:
        monkeypatch.setenv("HOOK", f"{hook.url}/T0K3N")
        assert fail("$HOOK").reason == "webhook of [alert.a]: 500 no … here"
    assert "nothing listens" in fail("$HOOK").reason
    assert "127.0.0.1" not in fail("$HOOK").reason
    for wrong in ("file:///etc/passwd", "ftp://127.0.0.1/x", "no address", "http://"):
        monkeypatch.setenv("HOOK", wrong)
        assert "is no http or https address" in fail("$HOOK").reason
    monkeypatch.delenv("HOOK")
    assert "the environment variable HOOK is not set" in fail("$HOOK").reason


def test_a_header_with_a_line_break_from_the_environment_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "a\r\nX-Evil: 1")
    with Hook() as hook:
        error = fail(f"{hook.url}/x", headers=(("Authorization", "Bearer $HOOK_TOKEN"),))
    assert hook.taken == []
    assert "Evil" not in error.reason


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SSL_CERT_FILE", "/nowhere/s3cret.pem", "the certificates of SSL_CERT_FILE"),
        ("ALL_PROXY", "socks5://me:s3cret@127.0.0.1:1", "the proxy of ALL_PROXY"),
        ("HTTPS_PROXY", "foo://me:s3cret@bar", "the proxy of ALL_PROXY"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told_without_its_values(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    error = fail("https://127.0.0.1:1/x")
    assert said in error.reason
    assert "s3cret" not in error.reason
    assert (error.permanent, error.whole) == (False, True)


@pytest.mark.parametrize("pace", [30.0, 0.05])
def test_a_server_that_takes_for_ever_is_left(pace: float) -> None:
    def drip(one: object) -> None:
        deadline = time.monotonic() + 2
        one.sendall(b"HTTP/1.1 200 OK\r\nX: ")  # type: ignore[attr-defined]
        while time.monotonic() < deadline:
            time.sleep(min(pace, 2))
            one.sendall(b"x")  # type: ignore[attr-defined]

    with serve_lines(drip) as port:
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="no answer in time"):
            post_json(Post(url=f"http://127.0.0.1:{port}/", body=b"{}", label="x", timeout=timedelta(seconds=0.4)))
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n"])
def test_what_is_no_web_server_is_told(said: bytes) -> None:
    with serve_lines(lambda one: one.sendall(said)) as port:
        assert "127.0.0.1: " in fail(f"http://127.0.0.1:{port}/").reason


def run(*words: str, body: bytes = b"", seconds: float = 5, known: Mapping[str, str] | None = None) -> None:
    run_command(words, body, timeout=timedelta(seconds=seconds), known=known or {})


def test_a_program_gets_the_message_by_its_input_and_no_shell_reads_it(tmp_path: Path) -> None:
    evil = b"$(touch pwned); `touch pwned` | \0\n"
    run("tee", str(tmp_path / "$(x) got"), body=evil * 50_000)
    assert (tmp_path / "$(x) got").read_bytes() == evil * 50_000
    run("sh", "-c", 'echo "$VEILLE_KEY" > "$0"', str(tmp_path / "key"), known={"VEILLE_KEY": "alert:a:1"})
    assert (tmp_path / "key").read_text() == "alert:a:1\n"
    run("true", body=evil * 50_000)  # which reads nothing


def test_a_program_that_fails_hangs_or_is_not_there_is_told() -> None:
    with pytest.raises(DeliveryError, match=r"^sh: it ended with 3: ça …$|^sh: it ended with 3: ça rate$"):
        run("sh", "-c", "echo 'ça\trate' >&2; exit 3")
    began = time.monotonic()
    with pytest.raises(DeliveryError, match=r"longer than 0\.3 s and was ended"):
        run("sh", "-c", "sleep 20 & sleep 20", seconds=0.3)
    assert time.monotonic() - began < 5
    with pytest.raises(DeliveryError, match="No such file or directory: write the whole path"):
        run("/nowhere/at-all")
    with pytest.raises(DeliveryError, match="ended with -9"):
        run("sh", "-c", "kill -9 $$")


def test_what_a_program_leaves_running_does_not_hold_the_outbox_up() -> None:
    began = time.monotonic()
    run("sh", "-c", "sleep 3 & exit 0")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("kept", [0, 1, 63, 64, 65, 999, 1000])
def test_a_file_gets_a_message_once_however_much_of_it_a_kill_has_left(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "alerts.txt"
    body = (b"abcabcab" * 125)[:999] + b"\n"
    path.write_bytes(b"before\n" + (body[:kept] if kept >= 64 else b""))
    append_file(path, body, again=True)
    assert path.read_bytes() == b"before\n" + body
    append_file(path, body, again=False)
    assert path.read_bytes() == b"before\n" + body * 2
    append_file(path, b"later\n", again=False)
    append_file(path, body, again=True)
    assert path.read_bytes() == b"before\n" + body * 2 + b"later\n"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="No such file or directory: check the directory"):
        append_file(tmp_path / "nowhere" / "x", b"x", again=False)
    with pytest.raises(DeliveryError, match="Is a directory"):
        append_file(tmp_path, b"x", again=False)
    if os.path.exists("/dev/full"):  # noqa: PTH110
        with pytest.raises(DeliveryError, match="No space left on device: check the disk"):
            append_file(Path("/dev/full"), b"x", again=False)
