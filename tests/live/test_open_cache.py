"""Which configuration keeps a last state, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.config.schema import Address, CacheConfig, Config, NetboxConfig, ProxmoxConfig, Tls
from labtui.config.secret import Secret
from labtui.live import cache as caching
from labtui.live.cache import backends_of, open_cache
from labtui.live.cache_file import write


def config_of(path: Path, **more: object) -> Config:
    cluster = ProxmoxConfig(
        "lab", (Address("10.0.0.1", 8006),), Tls(), "a@pve!b", Secret("plain", "s3cr3t")
    )
    values: dict[str, object] = {"path": str(path), "lab": "test", "proxmox": (cluster,), **more}
    return Config(**values)  # type: ignore[arg-type]


def test_a_demo_lab_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert open_cache(config_of(tmp_path, demo=True)) == (None, "")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_not_wanted_any_more_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    config = config_of(tmp_path)
    path = caching.cache_file(config)
    write(path, b"x")
    assert open_cache(config_of(tmp_path, cache=CacheConfig(keep=False))) == (None, "")
    assert not path.exists()


async def test_a_cache_folder_that_is_a_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache, words = open_cache(config_of(tmp_path))
    assert cache is None
    assert "can't be kept" in words


def test_the_sources_of_a_configuration_are_known_by_their_addresses(tmp_path: Path) -> None:
    netbox = NetboxConfig("https://netbox.example", Secret("plain", "t0ken"), Tls())
    told = backends_of(config_of(tmp_path, netbox=netbox))
    assert told == {"proxmox/lab": ("10.0.0.1:8006",), "netbox/netbox": ("https://netbox.example",)}
