"""The outbox with real servers: once, in time, given up in the end; one sender at a time; nothing secret kept."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postbox import PASSWORD, USER, Hook, Postbox, free_port
from running import query
from veille.app.home import Home, open_home
from veille.app.outbox import Delivery, Sent, drop, flush, list_queued, queue, queue_failure, retry
from veille.errors import UnknownError
from veille.show.mail import Letter, render_notice
from veille.store.db import write

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def configure(home: Path, port: int, more: str = "") -> None:
    text = (
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "v@example.org"\ntimeout = "1s"\n{more}'
    )
    (home / "config.toml").write_text(text, "utf-8")


def letter(key: str, to: str = "a@example.org") -> Delivery:
    head = Letter(key=key, series="essai", subject=f"Message {key}", sender="v@example.org", to=to, written_at=NOW)
    return Delivery(key=key, way="mail", target=to, subject=head.subject, body=render_notice(head, "Bonjour.\n"))


def put(opened: Home, *deliveries: Delivery, now: datetime = NOW) -> int:
    with write(opened.db):
        return queue(opened.db, deliveries, now=now)


def states(sent: Sequence[Sent]) -> list[str]:
    return [one.queued.state for one in sent]


def test_what_is_queued_is_sent_once_whatever_is_queued_again(home: Path) -> None:
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            assert put(opened, letter("a"), letter("b", "b@example.org")) == 2
            assert put(opened, letter("a")) == 0
            assert states(flush(opened, now=NOW)) == ["sent", "sent"]
            assert put(opened, letter("a")) == 0
            assert flush(opened, now=NOW + DAY) == []
    assert box.targets == ["a@example.org", "b@example.org"]


def test_what_is_put_off_is_tried_again_later_and_later(home: Path) -> None:
    with Postbox(answers=["451 greylisted"] * 3) as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a"))
            now, waits = NOW, []
            for tries in range(1, 4):
                (one,) = flush(opened, now=now)
                assert (one.queued.state, one.queued.tries) == ("waiting", tries)
                assert "451 greylisted" in one.queued.reason
                assert one.queued.next_try_at
                waits.append(one.queued.next_try_at - now)
                assert flush(opened, now=one.queued.next_try_at - timedelta(seconds=1)) == []
                now = one.queued.next_try_at
            assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE]
            assert states(flush(opened, now=now)) == ["sent"]
    assert len(box.taken) == 1


def test_a_refusal_is_given_up_at_once_and_the_rest_after_three_days(home: Path) -> None:
    with Postbox(refused=frozenset({"gone@example.org"})) as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a", "gone@example.org"), letter("b"))
            assert states(flush(opened, now=NOW)) == ["given up", "sent"]
            assert flush(opened, now=NOW + DAY) == []
    configure(home, free_port())
    with open_home() as opened:
        put(opened, letter("c"))
        now, count = NOW, 0
        while states(flush(opened, now=now)) != ["given up"]:
            now += 6 * HOUR
            count += 1
        assert (now - NOW, count) == (3 * DAY, 12)
        given_up, silent = list_queued(opened)
        assert "nothing listens there" in silent.reason
        with Postbox() as box:
            configure(home, box.port)
            with open_home() as again:
                retry(again, now=now, numbers=[given_up.id, silent.id])
                assert states(flush(again, now=now)) == ["sent", "sent"]


def test_a_server_that_is_down_is_asked_once_a_run(home: Path) -> None:
    configure(home, free_port())
    with open_home() as opened:
        put(opened, *[letter(str(number)) for number in range(50)])
        done = flush(opened, now=NOW)
        assert states(done) == ["waiting"] * 50
        assert {one.queued.tries for one in done} == {1}


def test_a_clock_that_has_gone_back_holds_nothing_up(home: Path) -> None:
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a"), now=NOW + 30 * DAY)
            assert states(flush(opened, now=NOW)) == ["sent"]


def test_a_message_that_nobody_foresaw_does_not_keep_those_behind_it(home: Path) -> None:
    """One of a way that only a later veille knows, say."""
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a"), letter("b"))
            with write(opened.db):
                opened.db.execute("UPDATE outbox SET way = 'pigeon' WHERE key = 'a'")
            done = flush(opened, now=NOW)
            assert states(done) == ["waiting", "sent"]
            assert done[0].queued.reason == "a fault in veille itself: KeyError: please report it"
            assert states(flush(opened, now=NOW + 4 * DAY)) == ["given up"]


def test_of_two_senders_at_once_each_message_is_sent_by_one(home: Path) -> None:
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, *[letter(str(number)) for number in range(40)])
        done: list[Sent] = []

        def run() -> None:
            with open_home() as own:
                done.extend(flush(own, now=NOW))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert len(box.taken) == len(done) == 40
    assert len({str(one["Message-ID"]) for one in box.messages}) == 40


def test_a_stopped_sender_leaves_the_message_to_the_next(home: Path) -> None:
    with open_home() as opened:
        put(opened, letter("a"))
        with write(opened.db):
            opened.db.execute("UPDATE outbox SET tries = 1, next_try_at = '2026-11-20T08:01:00Z', reason = 'x'")
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            assert flush(opened, now=NOW) == []
            assert states(flush(opened, now=NOW + MINUTE)) == ["sent"]


def test_what_is_dropped_is_never_sent_nor_queued_again(home: Path) -> None:
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a"))
            (row,) = list_queued(opened)
            drop(opened, row.id)
            retry(opened, now=NOW)
            assert put(opened, letter("a")) == 0
            assert (flush(opened, now=NOW), list_queued(opened)) == ([], [])
            assert [one.state for one in list_queued(opened, sent=True)] == ["dropped"]
            with pytest.raises(UnknownError, match="it is dropped"):
                drop(opened, row.id)
            with pytest.raises(UnknownError, match="there is none of that number"):
                retry(opened, now=NOW, numbers=[99])
    assert box.taken == []


def test_bodies_of_what_was_sent_are_dropped_after_a_week_and_their_keys_kept(home: Path) -> None:
    with Postbox() as box:
        configure(home, box.port)
        with open_home() as opened:
            put(opened, letter("a"))
            flush(opened, now=NOW)
            put(opened, letter("b"), now=NOW + 6 * DAY)
            flush(opened, now=NOW + 6 * DAY)
            assert query(home, "SELECT length(body) > 0 FROM outbox") == [(1,), (1,)]
            put(opened, letter("c"), now=NOW + 8 * DAY)
            flush(opened, now=NOW + 8 * DAY)
            assert query(home, "SELECT length(body) > 0 FROM outbox") == [(0,), (1,), (1,)]
            assert put(opened, letter("a")) == 0
            assert [one.state for one in list_queued(opened, sent=True)] == ["sent"] * 3


def test_nothing_secret_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("HOOK_PATH", "http://127.0.0.1:1/T0K3N")
    with Postbox(auth=True) as box:
        more = f'user = "{USER}"\npassword = "$MAIL_PASSWORD"\n[alert.crise]\nwebhook = "$HOOK_PATH"\n'
        configure(home, box.port, more)
        with open_home() as opened:
            hook = Delivery(key="h", way="webhook", target="crise", subject="s", body=b"{}")
            put(opened, letter("a"), hook)
            assert states(flush(opened, now=NOW)) == ["sent", "waiting"]
            monkeypatch.setenv("MAIL_PASSWORD", f"{PASSWORD}-wrong")
            put(opened, letter("b"))
            assert states(flush(opened, now=NOW)) == ["waiting"]
        kept = b"".join(path.read_bytes() for path in home.glob("veille.db*"))
        assert PASSWORD.encode() not in kept
        assert b"T0K3N" not in kept


def test_a_message_without_settings_waits_for_them(home: Path) -> None:
    with open_home() as opened:
        put(opened, letter("a"), Delivery(key="n", way="ntfy", target="x", subject="s", body=b'{"title":"t"}'))
        mail, push = flush(opened, now=NOW)
        assert mail.queued.reason == "config.toml has no [mail] to send it by"
        assert push.queued.reason == "config.toml has no ntfy in an [alert.x] any more"
    with Postbox() as box, Hook() as hook:
        configure(home, box.port, f'[alert.x]\nntfy = "{hook.url}/topic"\n')
        with open_home() as opened:
            assert states(flush(opened, now=NOW + MINUTE)) == ["sent", "sent"]
        assert hook.json == [{"topic": "topic", "title": "t"}]


def test_a_failure_is_mailed_to_each_that_is_to_know_once(home: Path) -> None:
    with open_home() as opened:
        assert queue_failure(opened, key="cron:1", subject="s", text="t", now=NOW) == 0
    with Postbox() as box:
        configure(home, box.port, 'failures = ["a@example.org", "Zoë <b@example.org>"]\n')
        with open_home() as opened:
            for _ in range(2):
                queue_failure(opened, key="cron:1", subject="veille fetch\r\nBcc: x", text="disque\nplein", now=NOW)
                flush(opened, now=NOW)
        assert box.targets == ["a@example.org", "b@example.org"]
        assert box.messages[0]["Subject"] == "veille fetch Bcc: x"
        assert box.messages[0]["Bcc"] is None
