"""`[netbox]`: by what records are joined, and which differences are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.config.file import load
from labtui.config.mistakes import ConfigError
from labtui.model.records.rules import DEVICE_KEYS, GUEST_KEYS, Ignore

HEAD = '[netbox]\nurl = "https://n.example"\ntoken = { env = "T" }\n'


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "c.toml"
    path.write_text(HEAD + text)
    path.chmod(0o600)
    return load(path).netbox


def test_the_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, "")
    assert (found.join, found.device_join, found.ignore) == (GUEST_KEYS, DEVICE_KEYS, ())  # type: ignore[attr-defined]


def test_what_is_written(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'join = ["mac", "vmid"]\ndevice_join = ["serial"]\n'
        '[[netbox.ignore]]\nwhat = "guest"\nname = "test-*"\nreason = "of students"\n',
    )
    assert found.join == ("mac", "vmid")  # type: ignore[attr-defined]
    assert found.device_join == ("serial",)  # type: ignore[attr-defined]
    assert found.ignore == (Ignore("of students", "guest", "test-*"),)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('join = ["address"]', "netbox.join[0]"),
        ('join = ["mac", "mac"]', "netbox.join[1]"),
        ("join = []", "netbox.join"),
        ('ignore = "x"', "netbox.ignore"),
        ('ignore = [{ reason = "x" }]', "netbox.ignore[0].what"),
        ('ignore = [{ name = "x" }]', "netbox.ignore[0].reason"),
        ('ignore = [{ nam = "x", reason = "y" }]', "netbox.ignore[0].nam"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError, match="netbox") as caught:
        read(tmp_path, text)
    assert where in str(caught.value)


def test_patterns() -> None:
    rule = Ignore("why", "guest", "test-*", "memory")
    assert rule.covers("guest", "TEST-1", "memory")
    assert not rule.covers("guest", "test-1", "disk")
    assert not rule.covers("node", "test-1", "memory")
    assert Ignore("why", field="disk").covers("guest", "anything", "disk")
