"""The example configuration loads, and explains every key there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from labtui.config.file import load
from labtui.config.paths import example_file
from labtui.config.schema import (
    AuditConfig,
    CacheConfig,
    HistoryConfig,
    LogConfig,
    NetboxConfig,
    NotifyConfig,
    OverlayConfig,
    ProxmoxConfig,
    RouterConfig,
    SafetyConfig,
    SshConfig,
    Tls,
    UiConfig,
)
from labtui.config.sections import KEYS
from labtui.config.theme import load_themes
from labtui.model.link_rules import LinkRules

EXAMPLE = example_file()
TEXT = EXAMPLE.read_text(encoding="utf-8")


def section(word: str) -> str:
    """The lines of the first table of that name."""
    match = re.search(rf"^\[\[?{word}\]\]?\n(.*?)(?=^\[|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert match, word
    return match[1]


def test_the_example_loads(tmp_path: Path) -> None:
    copy = tmp_path / "config.toml"
    copy.write_text(TEXT, encoding="utf-8")
    copy.chmod(0o644)
    config = load(copy)
    assert config.lab == "lsalab"
    assert [router.name for router in config.routers] == ["836", "835", "702", "mou"]
    assert {router.tls.mode for router in config.routers} == {"verify", "pin", "anonymous"}
    assert len(config.proxmox[0].endpoints) == 3
    assert config.netbox is not None
    assert config.netbox.vmid_fields == NetboxConfig("", config.netbox.token, Tls()).vmid_fields


@pytest.mark.parametrize("word", [*KEYS])
def test_every_key_is_in_the_example_under_its_table_with_a_comment(word: str) -> None:
    lines = section(word).splitlines()
    for key in KEYS[word]:
        places = [number for number, line in enumerate(lines) if re.match(rf"(# )?{key} = ", line)]
        assert places, f"{word}.{key}"
        above = lines[: places[0]]
        assert any(line.startswith("# ") for line in above[-3:]), f"{word}.{key} has no comment"


def test_what_is_commented_out_is_toml_of_a_known_key() -> None:
    for word, keys in KEYS.items():
        for line in section(word).splitlines():
            if re.match(r"# \w+ = ", line):
                (key,) = tomllib.loads(line[2:])
                assert key in keys


def test_the_keys_of_the_file_are_those_of_the_schema() -> None:
    tls = {"tls", "ca_file", "fingerprint"}
    structs: dict[str, type[msgspec.Struct]] = {
        "proxmox": ProxmoxConfig,
        "router": RouterConfig,
        "netbox": NetboxConfig,
        "ssh": SshConfig,
        "ui": UiConfig,
        "log": LogConfig,
        "cache": CacheConfig,
        "overlay": OverlayConfig,
        "links": LinkRules,
        "safety": SafetyConfig,
        "audit": AuditConfig,
        "history": HistoryConfig,
        "notify": NotifyConfig,
    }
    for word, struct in structs.items():
        fields = set(struct.__struct_fields__)
        assert set(KEYS[word]) == fields | (tls if "tls" in fields else set()), word


def test_the_theme_of_the_example_is_there() -> None:
    themes, mistakes = load_themes([EXAMPLE.parent / "themes"])
    assert not mistakes
    theme = tomllib.loads(TEXT)["ui"]["theme"]
    assert theme in {each.name for each in themes}
    for each in themes:
        assert each.name in section("ui")
