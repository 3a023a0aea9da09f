"""Passwords from the environment and from a keyring; what is missing is told by its name."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from veille.send.secrets import find_password
from veille.send.trouble import DeliveryError

KEYRING = """
def get_password(service, name):
    if name == "locked@host":
        raise RuntimeError("hunter2 is locked away")
    return {("veille", "me@host"): "hunter2"}.get((service, name))
"""


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where the package is not installed, whatever this one has."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def own_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine where a module of that name keeps passwords in a file."""
    (tmp_path / "keyring.py").write_text(KEYRING)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    yield
    sys.modules.pop("keyring", None)


def fail(reference: str, user: str = "me") -> str:
    with pytest.raises(DeliveryError) as caught:
        find_password(reference, user=user, host="host")
    assert caught.value.whole
    assert not caught.value.permanent
    return caught.value.reason


def test_the_environment_gives_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter2")
    assert find_password("$PW", user="me", host="host") == "hunter2"
    monkeypatch.setenv("PW", "")
    assert fail("$PW") == "the environment variable PW is not set: config.toml refers to it"


@pytest.mark.usefixtures("own_keyring")
def test_a_keyring_gives_a_password_or_is_told_to_have_none() -> None:
    assert find_password("keyring", user="me", host="host") == "hunter2"
    assert fail("keyring", "you") == "the keyring has no password for you@host: `keyring set veille 'you@host'`"
    assert fail("keyring", "locked") == "the keyring cannot be read: it may be locked, or out of reach of cron"


@pytest.mark.usefixtures("no_keyring")
def test_without_the_package_it_is_told_what_to_install() -> None:
    assert "install veille[keyring]" in fail("keyring")
