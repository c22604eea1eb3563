"""`[history]` and `[[notify]]`: what is taken, what is a mistake."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.config.file import load, parse
from labtui.config.mistakes import ConfigError
from labtui.config.redact import secrets_of
from labtui.config.schema import Config, NotifyConfig, Tls
from labtui.config.secret import Secret

NETBOX = '[netbox]\nurl = "http://127.0.0.1:8000"\ntoken = { env = "T" }\n'


def parsed(text: str) -> Config:
    return parse(tomllib.loads(NETBOX + text), Path("/etc/labtui/config.toml"))


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    return [mistake.sentence for mistake in caught.value.mistakes]


def test_the_defaults() -> None:
    config = parsed("")
    assert config.history.keep == 90 * 86400
    assert config.notify == ()


def test_a_span_or_nothing() -> None:
    assert parsed('[history]\nkeep = "30d"').history.keep == 30 * 86400
    assert parsed('[history]\nkeep = "0d"').history.keep == 0
    for text in ('"5m"', '"4000d"', "90", '"long"', "true"):
        assert "a span from 1h to 3650d" in mistakes(f"[history]\nkeep = {text}")[0]


def test_the_three_ways() -> None:
    config = parsed(
        '[[notify]]\nname = "a"\ncommand = ["tell", "-v"]\n'
        '[[notify]]\nname = "b"\nwebhook = "https://x.example/h/1"\nseverity = "critical"\n'
        'over = false\ntimeout = 3\nmost = 2\ntoken = "s3cret"\n'
        '[[notify]]\nname = "c"\nntfy = "http://127.0.0.1:80/lab"\n'
    )
    assert config.notify == (
        NotifyConfig("a", ("tell", "-v"), tls=Tls("off")),
        NotifyConfig(
            "b",
            webhook="https://x.example/h/1",
            token=Secret("plain", "s3cret"),
            severity="critical",
            over=False,
            timeout=3,
            most=2,
        ),
        NotifyConfig("c", ntfy="http://127.0.0.1:80/lab", tls=Tls("off")),
    )
    assert "s3cret" not in repr(config.notify)
    assert Secret("plain", "s3cret") in secrets_of(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "a"', "exactly one of command, webhook, ntfy, found nothing"),
        ('name = "a"\ncommand = ["x"]\nntfy = "https://a/b"', "found command, ntfy"),
        ('command = ["x"]', "notify[0].name: expected a name"),
        ('name = "a"\ncommand = "x"', "notify[0].command: expected a list of words"),
        ('name = "a"\ncommand = []', "notify[0].command: expected a list of words"),
        ('name = "a"\ncommand = ["x"]\ntoken = "y"', "a command goes to no server"),
        ('name = "a"\nwebhook = "http://chat.example/x"', "anybody in between could read it"),
        ('name = "a"\nwebhook = "ftp://chat.example/x"', "notify[0].webhook"),
        ('name = "a"\nwebhook = "https://chat.example/x?k=1"', "without ? and #"),
        ('name = "a"\nwebhook = "https://a.example/x"\ntls = "off"', "not off"),
        ('name = "a"\nntfy = "https://a.example"', "notify[0].ntfy: expected a topic"),
        ('name = "a"\nntfy = "https://a.example/t"\nseverity = "bad"', "critical, warning, notice"),
        ('name = "a"\nntfy = "https://a.example/t"\nmost = 0', "from 1 to 100"),
        ('name = "a"\nntfy = "https://a.example/t"\nleast = 1', "unknown key"),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    assert any(said in sentence for sentence in mistakes(f"[[notify]]\n{text}")), mistakes(
        f"[[notify]]\n{text}"
    )


def test_names_are_used_once() -> None:
    one = '[[notify]]\nname = "a"\ncommand = ["x"]\n'
    assert "notify[1].name: expected a name of its own" in mistakes(one + one)[0]


def test_a_file_with_a_command_is_nobody_elses_to_write(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(NETBOX + '[[notify]]\nname = "a"\ncommand = ["x"]\n')
    os.chmod(path, 0o666)  # noqa: PTH101 - the mode is what is looked at
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "nobody else may write" in str(caught.value)
    path.chmod(0o644)
    assert load(path).notify[0].command == ("x",)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("name", "command", "webhook", "ntfy", "most", "token")),
        st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=5)),
    )
)
def test_whatever_stands_there_is_taken_or_named(table: dict[str, object]) -> None:
    raw = {**tomllib.loads(NETBOX), "notify": [table]}
    try:
        config = parse(raw, Path("/etc/labtui/config.toml"))
    except ConfigError as error:
        assert str(error)
    else:
        (hook,) = config.notify
        assert hook.command or hook.webhook or hook.ntfy
