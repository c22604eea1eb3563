"""Secrets are taken out of what is written down, whatever they look like."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.config import redact
from labtui.config.redact import HIDDEN, keep_out, keep_out_secrets_of, redacted
from labtui.config.schema import Address, Config, NetboxConfig, ProxmoxConfig, RouterConfig, Tls
from labtui.config.secret import Secret

TICKET = "PVE:root@pam:65A1B2C3::Zm9vYmFyYmF6+/Zm9vYmFyYmF6Zm9v=="


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Values of other tests are forgotten, and those of this one afterwards."""
    before = set(redact._values)
    redact._values.clear()
    redact._version += 1
    yield
    redact._values.clear()
    redact._values.update(before)
    redact._version += 1


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET https://amy:geheim99@pve1:8006/x", "geheim99"),
        ("GET https://geheim99@pve1:8006/x", "geheim99"),
        ("PVEAPIToken=root@pam!x=aaaa-bbbb", "aaaa-bbbb"),
        ("Authorization: PVEAPIToken=root@pam!x=aaaa-bbbb", "aaaa-bbbb"),
        ("{'Authorization': 'Token abcdef', 'X-Y': 1}", "abcdef"),
        (f"got {TICKET} for root", "Zm9vYmFy"),
        (f"Cookie: PVEAuthCookie={quote(TICKET, safe='')}", "Zm9vYmFy"),
        (f"cookie {quote(TICKET, safe='')}", "Zm9vYmFy"),
        ("PVEAuthCookie abc=def", "abc"),
        ("PVE:!tfa!%7B:65A1B2C3::c2ln", "c2ln"),
        ("PVEVNC:65A1B2C3::c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("CSRFPreventionToken: 65A1B2C3:Zm9v", "Zm9v"),
        ("token 65A1B2C3:Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9v rest", "Zm9vYmFy"),
        ("Token 0123456789abcdef0123456789abcdef01234567", "0123456789abcdef"),
        ("Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("sent nbt_abc123.SGVsbG8 to it", "SGVsbG8"),
        ("password=geheim99&x=1", "geheim99"),
        ('{"cipassword": "ge\\"heim99", "a": 1}', "heim99"),
        ("{'token_secret': 'geheim99'}", "geheim99"),
        ("write_password = geheim99", "geheim99"),
        ("=private-key=aGVsbG8=", "aGVsbG8"),
        ("peer GDmdVvKzZDPjCBM3LLdqCn0Y7VIdR4Yj7TQm3tQ2L1M= gone", "GDmdVvKz"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN RSA PRIVATE KEY----- | MIIE", "MIIE"),
    ],
)
def test_forms_of_credentials_are_known(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert HIDDEN in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "read proxmox/pve/resources via pve1:8006 12ms ok",
        "pve1:8006 GET /nodes/pve1/qemu/104/config 12ms 200",
        "UPID:pve1:0003A1B2:00F5E3C1:65A1B2C3:qmigrate:104:root@pam:",
        "login of labtui@pve!console refused: status code: 401",
        "https://pve1.lab.example:8006/api2/json/version",
        "wireguard peer to-835: handshake 14m ago, [2001:db8::1]:13231",
        'token_id = "labtui@pve!console"',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_json_stays_json() -> None:
    told = {"password": 'a"b', "token": "t", "list": [{"secret": "x"}], "n": 1}
    again = json.loads(redacted(json.dumps(told)))
    assert again == {"password": HIDDEN, "token": HIDDEN, "list": [{"secret": HIDDEN}], "n": 1}


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=4, max_size=30))
def test_a_known_value_goes_in_every_spelling(value: str) -> None:
    if not value.strip():
        return
    keep_out((value,))
    for spelling in (
        value,
        quote(value, safe=""),
        quote_plus(value),
        repr(value),
        json.dumps(value),
    ):
        told = redacted(f"before |{spelling}| after")
        assert value not in told
        assert told.endswith("| after")


def test_a_very_short_value_goes_where_it_stands_alone() -> None:
    keep_out(("ab",))
    assert redacted("ab cab ab1 (ab)") == f"{HIDDEN} cab ab1 ({HIDDEN})"


def test_an_empty_value_hides_nothing() -> None:
    keep_out(("", "  "))
    assert redacted("all of it") == "all of it"


def test_long_lines_are_no_trap() -> None:
    rng = random.Random(7)
    for alphabet in ("a", "PVE:", "password", "=\"'", "A0:", "https://", "a.-_"):
        text = "".join(rng.choice(alphabet) for _ in range(20_000))
        redacted(text)
        redacted(alphabet * (20_000 // len(alphabet)))


def lab_with(tmp_path: Path) -> Config:
    address = (Address("pve1", 8006),)
    (tmp_path / "kept").write_text("from-a-file-1\n")
    return Config(
        str(tmp_path / "config.toml"),
        "lab",
        (ProxmoxConfig("pve", address, Tls(), "a@pve!b", Secret("plain", "plain-secret-1")),),
        (
            RouterConfig(
                "836",
                address,
                Tls(),
                "ro",
                Secret("env", "LABTUI_TEST_SECRET"),
                write_username="rw",
                write_password=Secret("env", "LABTUI_TEST_UNSET"),
            ),
        ),
        NetboxConfig("https://n", Secret("file", str(tmp_path / "kept")), Tls()),
    )


def test_the_secrets_of_a_configuration_are_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABTUI_TEST_SECRET", "env-secret-1")
    monkeypatch.delenv("LABTUI_TEST_UNSET", raising=False)
    config = lab_with(tmp_path)
    keep_out_secrets_of(config)
    assert redacted("plain-secret-1 env-secret-1") == f"{HIDDEN} {HIDDEN}"
    # What only blocking would tell is hidden from the moment it is known.
    assert redacted("from-a-file-1") == "from-a-file-1"
    assert config.netbox is not None
    config.netbox.token.reveal()
    assert redacted("from-a-file-1") == HIDDEN


def test_every_secret_of_the_schema_is_counted(tmp_path: Path) -> None:
    """A new field that holds a secret must be hidden too."""
    fields = [
        name
        for struct in (ProxmoxConfig, RouterConfig, NetboxConfig)
        for name, kind in struct.__annotations__.items()
        if re.search(r"\bSecret\b", str(kind))
    ]
    assert len(fields) == 5
    assert len(redact.secrets_of(lab_with(tmp_path))) == 4
