"""Property strings: recorded ones, and all that their grammar allows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.devices import MappingEntry
from labtui.model.guests import HostPci, NetDevice, UsbLine
from labtui.sources.proxmox.hostpci import (
    Unreadable,
    address,
    addresses,
    parse_hostpci,
    parse_mapping_entry,
    parse_net,
    parse_usb,
    parse_usb_entry,
    parse_volume,
)
from tests.sources.proxmox.recordings import files, load

PARSERS: tuple[Any, ...] = (
    lambda text: parse_hostpci(0, text),
    parse_mapping_entry,
    lambda text: parse_net(0, text, text),
    parse_volume,
    addresses,
    lambda text: parse_usb(0, text),
    parse_usb_entry,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0000:01:00", HostPci(0, ("0000:01:00",))),
        ("0000:00:03,pcie=1", HostPci(0, ("0000:00:03",), pcie=True)),
        ("01:00.0", HostPci(0, ("0000:01:00.0",))),
        ("00:05.0;00:04.0", HostPci(0, ("0000:00:05.0", "0000:00:04.0"))),
        (
            "host=41:00,x-vga=1,pcie=on",
            HostPci(0, ("0000:41:00",), pcie=True, x_vga=True),
        ),
        ("pcie=1,host=C1:00.0;C1:00.1", HostPci(0, ("0000:c1:00.0", "0000:c1:00.1"), pcie=True)),
        ("0000:00:05.0,rombar=0", HostPci(0, ("0000:00:05.0",), rombar=False)),
        ("10000:e1:00.0", HostPci(0, ("10000:e1:00.0",))),
        ("mapping=nic-pass", HostPci(0, mapping="nic-pass")),
        ("mapping=rtx4090,pcie=1,x-vga=0", HostPci(0, mapping="rtx4090", pcie=True)),
        ("mapping=vgpu,mdev=nvidia-63", HostPci(0, mapping="vgpu", mdev="nvidia-63")),
        ("0000:01:00.0,mdev=i915-GVTg_V5_4", HostPci(0, ("0000:01:00.0",), mdev="i915-GVTg_V5_4")),
        ("01:00;01:00,", HostPci(0, ("0000:01:00",))),
    ],
)
def test_forms_of_hostpci(text: str, expected: HostPci) -> None:
    assert parse_hostpci(0, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "pcie=1",
        "01:00,mapping=x",
        "01:00.0.0",
        "1:0",
        "01:00,02:00",
        "host=",
        "=,",
        ";",
    ],
)
def test_what_is_no_hostpci(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_hostpci(0, text)


def test_every_recorded_line_is_understood() -> None:
    lines = [
        (key, text)
        for name in files("*/qemu-config.*.json")
        for key, text in load(name)["body"]["data"].items()
        if key.startswith("hostpci")
    ]
    assert len(lines) >= 10
    for key, text in lines:
        taken = parse_hostpci(int(key.removeprefix("hostpci")), text)
        assert bool(taken.mapping) == text.startswith("mapping=")
        assert taken.pcie == ("pcie=1" in text)


OPTIONS = [
    "pcie=1",
    "rombar=0",
    "x-vga=1",
    "romfile=x.bin",
    "mdev=nvidia-63",
    "legacy-igd=on",
    "vendor-id=0x10DE",
    "device-id=0x1234",
    "sub-vendor-id=0x1458",
    "sub-device-id=0x40ee",
    "driver=keep",
]
HEX = st.sampled_from("0123456789abcdefABCDEF")
TWO = st.tuples(HEX, HEX).map("".join)
DOMAIN = st.one_of(st.none(), st.tuples(HEX, HEX, HEX, HEX).map("".join))
FUNCTION = st.one_of(st.none(), st.sampled_from("01234567"))


@st.composite
def written_addresses(draw: st.DrawFn) -> tuple[str, str]:
    """(as written, normalised)."""
    domain, bus, slot, function = draw(DOMAIN), draw(TWO), draw(TWO), draw(FUNCTION)
    tail = f"{bus}:{slot}" + (f".{function}" if function else "")
    written = f"{domain}:{tail}" if domain else tail
    return written, f"{(domain or '0000').lower()}:{tail.lower()}"


@given(
    st.lists(written_addresses(), min_size=1, max_size=4),
    st.sampled_from(["", "host="]),
    st.permutations(OPTIONS),
    st.integers(0, len(OPTIONS)),
    st.integers(0, len(OPTIONS)),
)
def test_the_grammar(
    places: list[tuple[str, str]], key: str, options: list[str], count: int, where: int
) -> None:
    parts = options[:count]
    parts.insert(min(where, len(parts)), key + ";".join(written for written, _norm in places))
    taken = parse_hostpci(3, ",".join(parts))
    assert taken.index == 3
    assert taken.addresses == tuple(dict.fromkeys(norm for _written, norm in places))
    assert taken.pcie == ("pcie=1" in parts)
    assert taken.mdev == ("nvidia-63" if "mdev=nvidia-63" in parts else "")
    assert taken.rombar == ("rombar=0" not in parts)
    assert taken.x_vga == ("x-vga=1" in parts)
    assert taken.legacy_igd == ("legacy-igd=on" in parts)
    assert taken.romfile == ("x.bin" if "romfile=x.bin" in parts else "")
    assert taken.driver == ("keep" if "driver=keep" in parts else "")
    assert dict(taken.ids) == {
        key: value.lower()
        for key, _equals, value in (part.partition("=") for part in parts)
        if key.endswith("-id")
    }


@given(st.sampled_from(("gpu", "rtx4090", "a-b_c")), st.permutations(OPTIONS), st.booleans())
def test_the_grammar_with_a_mapping(name: str, options: list[str], first: bool) -> None:
    parts = [f"mapping={name}", *options] if first else [*options, f"mapping={name}"]
    taken = parse_hostpci(15, ",".join(parts))
    assert (taken.index, taken.mapping, taken.addresses) == (15, name, ())
    assert taken.pcie


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host=1a86:7523", UsbLine(0, device="1a86:7523")),
        ("1A86:7523,usb3=1", UsbLine(0, device="1a86:7523")),
        ("host=1-1.2.3,usb3=1", UsbLine(0, port="1-1.2.3")),
        ("mapping=serial", UsbLine(0, mapping="serial")),
        ("spice,usb3=1", None),
        ("host=SPICE", None),
    ],
)
def test_forms_of_usb(text: str, expected: UsbLine | None) -> None:
    assert parse_usb(0, text) == expected


@pytest.mark.parametrize("text", ["", "usb3=1", "host=x", "host=1a86:7523,mapping=a", "1-"])
def test_what_is_no_usb(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_usb(0, text)


def test_map_entries_of_usb() -> None:
    assert parse_usb_entry("id=1A86:7523,node=a,path=1-2") == ("a", "1a86:7523", "1-2")
    assert parse_usb_entry("node=a,id=1a86:7523") == ("a", "1a86:7523", "")
    for text in ("node=a", "id=1a86:7523", "node=a,id=1a86:7523,path=x"):
        with pytest.raises(Unreadable):
            parse_usb_entry(text)


@given(
    st.lists(written_addresses(), min_size=1, max_size=3),
    st.integers(-1, 200),
    st.permutations([0, 1, 2, 3, 4]),
)
def test_map_entries_in_any_order(
    places: list[tuple[str, str]], group: int, order: list[int]
) -> None:
    path = ";".join(written for written, _norm in places)
    keys = ["id=10DE:1C82", "node=pve-1", f"path={path}", f"iommugroup={group}"]
    keys.append("subsystem-id=1462:8C96")
    text = ",".join(keys[number] for number in order)
    entry = parse_mapping_entry(text)
    found = tuple(dict.fromkeys(norm for _written, norm in places))
    assert entry == MappingEntry("pve-1", found, "10de:1c82", group, "1462:8c96", text)


@given(written_addresses())
def test_normal_addresses_stay(place: tuple[str, str]) -> None:
    assert address(place[0]) == place[1]
    assert address(place[1]) == place[1]


@given(st.one_of(st.text(max_size=60), st.text(alphabet="0123456789abcdef:.;,=hostmapping")))
def test_nothing_else_is_raised(text: str) -> None:
    for parse in PARSERS:
        try:
            made = parse(text)
        except Unreadable as error:
            assert str(error).isprintable()
        else:
            assert repr(made).isprintable()


@pytest.mark.parametrize(
    ("text", "ipconfig", "expected"),
    [
        (
            "virtio=BC:24:11:04:43:7A,bridge=vmbr0",
            "",
            NetDevice(0, "BC:24:11:04:43:7A", "vmbr0"),
        ),
        (
            "virtio=02:00:00:0e:8d:a2,bridge=vmbr0,firewall=1,tag=50",
            "ip=203.0.113.10/24,gw=203.0.113.1",
            NetDevice(0, "02:00:00:0E:8D:A2", "vmbr0", 50, "203.0.113.10/24"),
        ),
        (
            "name=eth0,bridge=vmbr1,hwaddr=BC:24:11:00:00:01,ip=10.0.0.2/24,tag=7,type=veth",
            "",
            NetDevice(0, "BC:24:11:00:00:01", "vmbr1", 7, "10.0.0.2/24"),
        ),
        ("name=eth0,bridge=vmbr1,ip=dhcp,ip6=auto", "", NetDevice(0, "", "vmbr1")),
        ("name=eth0,ip=manual,ip6=fd00::2/64", "", NetDevice(0, address="fd00::2/64")),
        ("model=e1000,macaddr=BC:24:11:00:00:01", "ip=dhcp", NetDevice(0, "BC:24:11:00:00:01")),
        ("e1000", "", NetDevice(0)),
    ],
)
def test_forms_of_net(text: str, ipconfig: str, expected: NetDevice) -> None:
    assert parse_net(0, text, ipconfig) == expected


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        ("local-lvm:vm-100-disk-0,iothread=1,size=128G", "local-lvm:vm-100-disk-0"),
        ("local:100/vm-100-disk-0.qcow2,size=1G", "local:100/vm-100-disk-0.qcow2"),
        ("local:110/vm-110-cloudinit.qcow2,media=cdrom", "local:110/vm-110-cloudinit.qcow2"),
        ("none,media=cdrom", ""),
        ("cdrom,media=cdrom", ""),
        ("iothread=1,file=ceph:vm-1-disk-0,size=1G", "ceph:vm-1-disk-0"),
        ("volume=local-lvm:subvol-1,mp=/srv", "local-lvm:subvol-1"),
        ("/mnt/data,mp=/data", "/mnt/data"),
        ("/dev/disk/by-id/ata-X", "/dev/disk/by-id/ata-X"),
    ],
)
def test_volumes(text: str, volume: str) -> None:
    assert parse_volume(text) == volume
