"""Secrets: where they may be kept, who may read the file, and that nothing shows them."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from labtui.config.file import ConfigError, load
from labtui.config.schema import Config
from labtui.config.secret import Secret, SecretKind
from labtui.model.errors import Refused

HIDDEN = "hunter2"
NETBOX = '[netbox]\nurl = "https://n"\ntoken = '


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def token(folder: Path, toml: str, mode: int = 0o600) -> Secret:
    config = load(written(folder, NETBOX + toml, mode))
    assert config.netbox is not None
    return config.netbox.token


def complaint(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o644, 0o666, 0o610, 0o601])
def test_a_plain_secret_wants_a_private_file(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, f'{NETBOX}"{HIDDEN}"', mode)
    text = complaint(path)
    assert f"chmod 600 {path}" in text
    assert f"{mode:04o}" in text
    assert HIDDEN not in text


def test_a_plain_secret_in_a_private_file(tmp_path: Path) -> None:
    for mode in (0o600, 0o400, 0o700):
        assert token(tmp_path, f'"{HIDDEN}"', mode).reveal() == HIDDEN


def test_a_plain_secret_in_somebody_elses_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, f'{NETBOX}"{HIDDEN}"')
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    text = complaint(path)
    assert "another owner" in text
    assert "chmod 600" in text


def test_a_file_without_plain_secrets_may_be_read_by_all(tmp_path: Path) -> None:
    assert token(tmp_path, '{ env = "X" }', 0o644).kind == "env"


def test_a_command_that_others_could_change_is_not_run(tmp_path: Path) -> None:
    command = '{ command = "pass show x" }'
    assert token(tmp_path, command, 0o644).kind == "command"
    for mode in (0o664, 0o646):
        assert "nobody else may write" in complaint(written(tmp_path, NETBOX + command, mode))


def test_the_mistakes_of_the_permissions_come_with_the_others(tmp_path: Path) -> None:
    text = complaint(written(tmp_path, f'[lab]\nnam="x"\n{NETBOX}"{HIDDEN}"', 0o644))
    assert "2 mistakes" in text
    assert "did you mean name?" in text


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("{}", "exactly one of"),
        ('{ env = "A", file = "b" }', "found env, file"),
        ('{ enb = "hunter2" }', "did you mean env?"),
        ('{ env = "hunter2 " }', "the name of an environment variable"),
        ('{ env = ["hunter2"] }', "netbox.token.env: expected a text, found a list"),
        ('{ file = "" }', "netbox.token.file"),
        ('""', "found an empty text"),
        ('"hunter2\\u001b"', "control characters"),
        ('["hunter2"]', "found a list"),
        ("7777777", "found a number"),
    ],
)
def test_a_wrong_secret_is_not_shown(tmp_path: Path, toml: str, says: str) -> None:
    text = complaint(written(tmp_path, NETBOX + toml))
    assert says in text
    assert HIDDEN not in text
    assert "7777777" not in text


def test_secrets_in_other_places_are_not_shown(tmp_path: Path) -> None:
    text = complaint(
        written(
            tmp_path,
            f"""
            [[proxmox]]
            name = "a"
            endpoints = ["https://root:{HIDDEN}@pve1"]
            token_id = "root@pam!x={HIDDEN}"
            token_secrett = "{HIDDEN}"
            [netbox]
            url = "https://n/?token={HIDDEN}"
            token = "{HIDDEN}"
            tls = "nonsense"
            """,
        )
    )
    for key in ("endpoints[0]", "token_id", "token_secret", "token_secrett", "url", "tls"):
        assert f".{key}:" in text
    assert HIDDEN not in text


def _config(folder: Path) -> Config:
    return load(written(folder, f'{NETBOX}"{HIDDEN}"'))


def test_no_way_of_printing_shows_a_secret(tmp_path: Path) -> None:
    config = _config(tmp_path)
    assert config.netbox is not None
    secret = config.netbox.token
    for value in (config, config.netbox, secret):
        for text in (repr(value), str(value), f"{value}", pretty_repr(value)):
            assert HIDDEN not in text
            assert "***" in text


@pytest.mark.parametrize(
    "text",
    [f'{NETBOX}"{HIDDEN}"\n[lab]\nnam = 1', f'{NETBOX}"{HIDDEN}"\nbroken', f'{NETBOX}"{HIDDEN}'],
)
def test_a_traceback_with_locals_shows_no_secret(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    text = ""
    try:
        load(path)
    except ConfigError as error:
        chain = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown = "".join(chain.format()) + repr(error)
        assert error.__context__ is None
    else:
        pytest.fail("the file was taken")
    assert "ConfigError" in shown
    assert HIDDEN not in shown


def test_a_secret_from_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TOKEN", HIDDEN)
    (tmp_path / "token").write_text(f"{HIDDEN}\n")
    (tmp_path / "print.py").write_text(f"print({HIDDEN!r})")
    command = f"{sys.executable} {tmp_path / 'print.py'}"
    for toml in ('{ env = "LAB_TOKEN" }', '{ file = "token" }', f"{{ command = '{command}' }}"):
        assert token(tmp_path, toml).reveal() == HIDDEN


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("env", "LABTUI_NOT_SET_ANYWHERE"),
        ("file", "/no/such/file"),
        ("file", "/"),
        ("command", "/no/such/command hunter2"),
        ("command", "sh -c 'echo hunter2; echo hunter2 >&2; exit 3'"),
        ("command", "unclosed 'hunter2"),
        ("command", "true"),
    ],
)
def test_a_secret_that_cannot_be_had(kind: SecretKind, reference: str) -> None:
    with pytest.raises(Refused) as caught:
        Secret(kind, reference).reveal()
    problem = caught.value.problem
    assert problem.what
    assert problem.where
    assert problem.why
    assert problem.remedy
    assert HIDDEN not in str(problem)


def test_a_file_of_bytes_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"hunter2\xff")
    with pytest.raises(Refused) as caught:
        Secret("file", str(path)).reveal()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert HIDDEN not in "".join(shown.format(chain=True))


def test_the_place_names_a_variable_but_nothing_that_looks_like_a_secret() -> None:
    assert Secret("env", "LAB_TOKEN").place == "$LAB_TOKEN"
    assert Secret("env", "hunter2").place == "env"
    assert Secret("plain", "hunter2").place == "the configuration file"


def test_a_locked_keyring_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.errors import KeyringLocked

    def locked(_service: str, _user: str) -> str:
        raise KeyringLocked(HIDDEN)

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(Refused) as caught:
        Secret("keyring", "labtui/pve").reveal()
    assert HIDDEN not in str(caught.value)
    monkeypatch.setattr(keyring, "get_password", lambda service, user: f"{service}+{user}")
    assert Secret("keyring", "lab/tui/pve").reveal() == "lab/tui+pve"
