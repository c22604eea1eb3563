"""The file of the last snapshot: what comes back, and what is not believed."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.live import cache_file
from labtui.live.cache_file import (
    Backends,
    Unusable,
    decode,
    encode,
    forget,
    read,
    set_aside,
    write,
)
from labtui.model.cluster import HaService, HaStatus, Membership, Resources, Task, Tasks
from labtui.model.devices import Hardware
from labtui.model.feed import Feed
from labtui.model.guests import GuestConfigs, NetDevice
from labtui.model.interfaces import Interface, Interfaces
from labtui.model.leases import Request, Requests
from labtui.model.ospf import Ospf, OspfInterface
from labtui.model.routes import Routes
from labtui.model.snapshot import TOPICS, Part, Snapshot
from labtui.model.use import CardUses, UseReport
from tests.live.facts import facts
from tests.snapshots import (
    NOW,
    Bgp,
    BgpConnection,
    BgpSession,
    DeviceRecord,
    Inventory,
    MachineRecord,
    MappingEntry,
    PciMapping,
    RouterAddress,
    RouterFacts,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
    cluster_lab,
    config,
    gpu,
    guest,
    snapshot,
)

LAB = "test"
BACKENDS: Backends = {
    "proxmox/lab": ("10.0.0.1:8006", "10.0.0.2:8006"),
    "routeros/836": ("10.121.250.1:8729",),
    "netbox/netbox": ("https://netbox.example",),
}


def everything() -> Snapshot:
    """A part of every kind."""
    parts: dict[Feed, Part] = dict(cluster_lab(guest(104, name="方怡君"), guest(105)).parts)
    settings_ = msgspec.structs.replace(
        config(104), description="root: hunter2", nets=(NetDevice(0, "BC:24:11:00:00:01", "vmbr0"),)
    )
    mapping = PciMapping("gpus", (MappingEntry("pve1", ("0000:01:00.0",)),))
    address, peer = RouterAddress("wg", "10.255.0.0/31"), WireGuardPeer("836", "wg", "P")
    machine, device = MachineRecord(1, "a", "active"), DeviceRecord(1, "a", "edge", "active")
    more: tuple[tuple[str, Part], ...] = (
        ("lab", Tasks((Task("lab", "UPID:x", "pve1", "qmigrate", "104", "amy@pam", NOW),))),
        ("lab", HaStatus(True, "pve1", (HaService("vm:104", "pve1", "started"),))),
        ("lab", GuestConfigs({104: settings_})),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00"),)}, (mapping,), {"pve1": NOW})),
        *(("lab", each) for each in facts()),
        ("lab", Requests((Request("amy", "2 RTX 4090"),))),
        ("836", RouterFacts("836", "836", "rt", "7.20", addresses=(address,))),
        ("836", WireGuard((WireGuardInterface("836", "wg", "K"),), (peer,))),
        ("836", Bgp((BgpConnection("836", "to-835"),), (BgpSession("836", "to-835-1"),))),
        ("836", Ospf((), (), (), (OspfInterface("lo"),))),
        ("836", Routes((), ("10.121.250.0/24",), 0)),
        ("836", Interfaces((Interface("836", "ether1", "ether"),))),
        ("lab", CardUses({"guest/104": UseReport("pve1", 104, "agent", NOW)})),
        ("netbox", Inventory("4.4", machines=(machine,), devices=(device,))),
    )
    parts.update(snapshot(*more).parts)
    given = [(feed.source, part) for feed, part in parts.items()]
    return msgspec.structs.replace(snapshot(*given, read_at=NOW - 7), lab=LAB)


def body_of(data: bytes) -> bytes:
    return data.partition(b"\n")[2]


def signed(body: bytes, version: int = cache_file.FORMAT) -> bytes:
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return f"labtui snapshot {version} {digest}\n".encode() + body


def test_every_kind_of_part_comes_back_as_it_was() -> None:
    before = everything()
    assert {feed.topic for feed in before.parts} == set(TOPICS)
    kept = decode(encode(before, BACKENDS), LAB, BACKENDS)
    assert kept.parts.keys() == before.parts.keys()
    for feed, part in before.parts.items():
        if feed.topic != "configs":
            assert kept.parts[feed] == part
        assert kept.freshness[feed].read_at == NOW - 7
        assert kept.freshness[feed].sequence == 0


def test_notes_of_guests_are_not_kept_and_all_else_of_them_is() -> None:
    before = everything()
    data = encode(before, BACKENDS)
    assert b"hunter2" in msgspec.msgpack.encode(list(before.parts.values()))
    assert b"hunter2" not in zlib.decompress(body_of(data))
    kept = decode(data, LAB, BACKENDS)
    config_of = next(part for part in kept.parts.values() if isinstance(part, GuestConfigs))
    assert config_of.configs[104].nets[0].mac == "BC:24:11:00:00:01"


def test_what_was_never_read_is_not_kept() -> None:
    before = everything()
    feed = next(iter(before.parts))
    unread = {
        **before.freshness,
        feed: msgspec.structs.replace(before.freshness[feed], read_at=None),
    }
    data = encode(msgspec.structs.replace(before, freshness=unread), BACKENDS)
    assert feed not in decode(data, LAB, BACKENDS).parts


def test_a_source_that_is_elsewhere_now_is_left_out_and_one_with_a_new_address_is_not() -> None:
    data = encode(everything(), BACKENDS)
    now: Backends = {
        "proxmox/lab": ("10.0.0.9:8006", "10.0.0.2:8006"),
        "routeros/836": ("192.0.2.1:8729",),
    }
    kept = decode(data, LAB, now)
    assert {feed.backend for feed in kept.parts} == {"proxmox"}


@pytest.mark.parametrize(
    ("lab", "backends"),
    [
        ("another", BACKENDS),
        (LAB, {"proxmox/lab": ("198.51.100.1:8006",)}),
        (LAB, {"proxmox/other": ("10.0.0.1:8006",)}),
        (LAB, {}),
    ],
)
def test_another_lab_is_told(lab: str, backends: Backends) -> None:
    with pytest.raises(Unusable, match="another lab"):
        decode(encode(everything(), BACKENDS), lab, backends)


def test_another_version_is_told() -> None:
    body = body_of(encode(everything(), BACKENDS))
    with pytest.raises(Unusable, match="another version"):
        decode(signed(body, cache_file.FORMAT + 1), LAB, BACKENDS)


def test_a_part_of_another_form_is_left_out_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(everything(), BACKENDS)
    monkeypatch.setitem(TOPICS, "membership", HaServiceOfTomorrow)
    monkeypatch.delitem(TOPICS, "tasks")
    kept = decode(data, LAB, BACKENDS)
    assert {feed.topic for feed in kept.parts} == set(TOPICS) - {"membership", "tasks"}
    assert kept.parts.keys() == kept.freshness.keys()


class HaServiceOfTomorrow(msgspec.Struct):
    """A part whose form has changed."""

    needed: dict[str, int]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.99])
def test_half_a_file_is_damaged(share: float) -> None:
    data = encode(everything(), BACKENDS)
    with pytest.raises(Unusable, match="damaged"):
        decode(data[: int(len(data) * share)], LAB, BACKENDS)


def test_one_wrong_bit_is_damage() -> None:
    data = bytearray(encode(everything(), BACKENDS))
    data[len(data) // 2] ^= 1
    with pytest.raises(Unusable, match="damaged"):
        decode(bytes(data), LAB, BACKENDS)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(("plain", "signed", "packed", "in the middle")))
def test_no_bytes_do_any_harm(data: bytes, how: str) -> None:
    content = {
        "plain": data,
        "signed": signed(data),
        "packed": signed(zlib.compress(data)),
        "in the middle": encode(snapshot(("lab", Resources())), BACKENDS)[:60] + data,
    }[how]
    with pytest.raises(Unusable):
        decode(content, LAB, BACKENDS)


def test_a_bomb_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_file, "_LARGEST_BODY", 1000)
    with pytest.raises(Unusable, match="damaged"):
        decode(encode(everything(), BACKENDS), LAB, BACKENDS)


def test_the_file_is_its_owners_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "lab" / "snapshot"
    before = os.umask(0)
    try:
        write(path, b"one")
        held = path.open("rb")
        write(path, b"two")
    finally:
        os.umask(before)
    with held:
        assert held.read() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read(path) == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["snapshot"]


def test_no_file_is_no_failure(tmp_path: Path) -> None:
    assert read(tmp_path / "snapshot") is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_open_to_others_is_not_believed(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "snapshot"
    write(path, encode(everything(), BACKENDS))
    path.chmod(mode)
    with pytest.raises(Unusable, match="open to others"):
        read(path)


def test_neither_a_link_nor_a_pipe_nor_a_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name in ("link", "pipe", "folder"):
        with pytest.raises(Unusable):
            read(tmp_path / name)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    write(path, b"")
    os.truncate(path, cache_file._LARGEST + 1)
    with pytest.raises(Unusable):
        read(path)


def test_set_aside_keeps_it_from_others_and_from_use(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(b"odd")
    path.chmod(0o666)
    aside = set_aside(path)
    assert not path.exists()
    assert aside.read_bytes() == b"odd"
    assert aside.stat().st_mode & 0o777 == 0o600


def test_leftovers_of_killed_consoles_go_when_they_are_old(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    old, young = tmp_path / "snapshot.1.new", tmp_path / "snapshot.2.new"
    for each in (old, young):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    write(path, b"x")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["snapshot", "snapshot.2.new"]


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    write(path, b"x")
    (tmp_path / "snapshot.damaged").write_bytes(b"x")
    forget(path)
    forget(path)
    assert list(tmp_path.iterdir()) == []


def test_membership_keeps_since_when() -> None:
    kept = decode(encode(everything(), BACKENDS), LAB, BACKENDS)
    part = next(part for part in kept.parts.values() if isinstance(part, Membership))
    assert {member.since for member in part.members} == {NOW - 60}
