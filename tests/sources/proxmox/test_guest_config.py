"""Configurations of guests: every recorded one, containers, and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import LabError, Unexpected
from labtui.model.guests import Guest, GuestConfig, HostPci, NetDevice
from labtui.sources.proxmox.guest_config import read_config
from tests.sources.proxmox.recordings import ASKED, as_body, body, files, load

VM = Guest("lab", 100, "qemu", "web-01", "pve1", "running")
CT = Guest("lab", 105, "lxc", "jump", "pve1", "running")


def read(value: object, guest: Guest = VM) -> tuple[GuestConfig, tuple[str, ...]]:
    return read_config(as_body({"data": value}), ASKED, guest, 1000.0)


@pytest.mark.parametrize("name", files("*/qemu-config.*.json"))
def test_recorded(name: str) -> None:
    config, complaints = read_config(body(name), ASKED, VM, 1000.0)
    told = load(name)["body"]["data"]
    assert complaints == ()
    assert (config.vmid, config.node, config.read_at) == (100, "pve1", 1000.0)
    assert config.digest == told.get("digest", "")
    assert config.memory == int(told.get("memory", 0)) << 20
    assert config.cores == told["cores"] * told.get("sockets", 1)
    assert config.machine == told.get("machine", "")
    assert config.onboot == (told.get("onboot") == 1)
    assert config.protection == (told.get("protection") == 1)
    assert config.description == told.get("description", "").rstrip("\n")
    assert len(config.hostpci) == sum(key.startswith("hostpci") for key in told)
    assert len(config.nets) == sum(key.startswith("net") for key in told)
    volumes = {
        text.split(",")[0] for key, text in told.items() if key in ("scsi0", "scsi1", "ide2")
    }
    assert set(config.disks) == volumes - {"none"}


def test_raw_passthrough() -> None:
    config, _complaints = read_config(body("samples/qemu-config.hostpci-raw.json"), ASKED, VM, 1.0)
    assert config.hostpci == (HostPci(0, ("0000:01:00",)), HostPci(1, ("0000:02:00",)))


def test_a_container() -> None:
    config, complaints = read(
        {
            "hostname": "jump",
            "cores": 2,
            "memory": 512,
            "rootfs": "local-lvm:vm-105-disk-0,size=8G",
            "mp0": "ceph:vm-105-disk-1,mp=/srv,size=1G",
            "net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.0.0.2/24",
            "onboot": "1",
            "lxc": [["lxc.apparmor.profile", "unconfined"]],
            "digest": "abc",
        },
        CT,
    )
    assert complaints == ()
    assert config.disks == ("local-lvm:vm-105-disk-0", "ceph:vm-105-disk-1")
    assert config.nets == (NetDevice(0, "BC:24:11:00:00:01", "vmbr0", None, "10.0.0.2/24"),)
    assert (config.memory, config.cores, config.onboot) == (512 << 20, 2, True)


def test_texts_are_harmless_and_broken_lines_are_named() -> None:
    config, complaints = read(
        {
            "description": "one\x1b[2J\n[red]two[/red]",
            "hostpci0": "01:00",
            "hostpci1": "zz\x1b",
            "hostpci10": "mapping=gpu",
            "memory": "current=4096",
            "cores": "4",
            "sockets": 2,
            "net0": ["no"],
        }
    )
    assert config.description == "one�[2J\n[red]two[/red]"
    assert [each.index for each in config.hostpci] == [0, 10]
    assert len(complaints) == 1
    assert "hostpci1" in complaints[0]
    assert "\x1b" not in complaints[0]
    assert (config.memory, config.cores) == (4096 << 20, 8)


@pytest.mark.parametrize("value", [None, [], 3, "text"])
def test_no_configuration(value: object) -> None:
    with pytest.raises(Unexpected):
        read(value)


KEYS = st.sampled_from(
    ["hostpci0", "net0", "scsi0", "memory", "cores", "rootfs", "description", "onboot", "digest"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.dictionaries(KEYS, VALUES))
def test_whatever_is_in_it(value: dict[str, object]) -> None:
    try:
        config, _complaints = read(value)
    except LabError:
        return
    assert config.vmid == 100
    assert "\x1b" not in repr(config)
