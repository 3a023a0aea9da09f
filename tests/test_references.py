"""Literal secrets of a settings file are blanked in a copy of it; what names a variable stays."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.references import blank_secrets


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ('password = "hunter2"', 'password = ""'),
        ("smtp_password='hunter2'", 'smtp_password=""'),
        ('auth = "bearer:hunter2" # why', 'auth = "" # why'),
        ('# token = "hunter2"', '# token = ""'),
        ('headers = { X-Api-Key = "hunter2", Accept = "a" }', 'headers = { X-Api-Key = "", Accept = "a" }'),
        ('"Cookie" = "hunter2"', '"Cookie" = ""'),
        ('token = """hunt\ner2"""', 'token = ""'),
        ('password = "hunter2', 'password = ""'),
        ("secret = hunter2", 'secret = ""'),
        ('proxy = "http://me:hunter2@p.example:8080"', 'proxy = "http://me:@p.example:8080"'),
    ],
)
def test_a_secret_is_emptied(text: str, blanked: str) -> None:
    assert blank_secrets(text) == (blanked, 1)


@pytest.mark.parametrize(
    "text",
    [
        'auth = "netrc"',
        'auth = "bearer:$TOKEN"',
        'auth = "basic:login:$PASSWORD"',
        'password = "$MAIL"',
        'proxy = "http://me:$NAME@p.example:8080"',
        "[fetch]\njobs = 8\n",
        'user_agent = "veille (me@x.example)"',
        'token = ""',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert blank_secrets(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            '[feeds."https://x.example/rss?key=hunter2"]\nweight = 2',
            {"feeds": {"https://x.example/rss?key=": {"weight": 2}}},
        ),
        ('query = "auth = hunter2"\nsize = 3', {"query": "auth = ", "size": 3}),
        ('query = "auth = hunter two"', {"query": "auth =  two"}),
        ("kw = ['token=hunter2', 'b']", {"kw": ["token=", "b"]}),
        ('kw = ["token=\'hunter2\'", "b"]', {"kw": ["token=''", "b"]}),
    ],
)
def test_a_secret_inside_a_text_leaves_settings_that_can_be_read(text: str, read: dict[str, object]) -> None:
    assert tomllib.loads(blank_secrets(text)[0]) == read


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=40))
def test_whatever_the_secret_is_the_rest_reads_as_before(secret: str) -> None:
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    text = f'[mail]\npassword = "{quoted}"\nhost = "m.example"\n'
    assert tomllib.loads(text)["mail"]["password"] == secret
    read = tomllib.loads(blank_secrets(text)[0])["mail"]
    assert read["host"] == "m.example"
    assert read["password"] in ("", secret)
    if "$" not in secret and not secret.startswith("netrc"):
        assert not read["password"]
