"""The keys of ways: learnt endpoints, hosts for pvesh, jump hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.address import hop_of, hops_of
from labtui.config.file import load
from labtui.config.mistakes import ConfigError
from labtui.config.schema import Address, Config, Hop

BASE = """
[lab]
name = "lab"
[[proxmox]]
name = "pve"
endpoints = ["pve1.lab.example"]
username = "amy@pam"
password = {{ env = "X" }}
{proxmox}
[[router]]
name = "r"
addresses = ["10.0.0.1"]
username = "u"
password = {{ env = "X" }}
{router}
[ssh]
{ssh}
"""


def read(tmp_path: Path, proxmox: str = "", router: str = "", ssh: str = "") -> Config:
    path = tmp_path / "config.toml"
    path.write_text(BASE.format(proxmox=proxmox, router=router, ssh=ssh))
    return load(path)


def test_the_defaults(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.proxmox[0].learn_endpoints is True
    assert config.proxmox[0].ssh == ()
    assert config.routers[0].jump == ""


def test_what_is_written(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        'learn_endpoints = false\nssh = ["root@pve1:2222", "[2001:db8::1]"]',
        'jump = "amy@jump.example, pve1"'.replace(", ", ","),
        'jump = "other"',
    )
    assert config.proxmox[0].learn_endpoints is False
    assert config.proxmox[0].ssh == ("root@pve1:2222", "[2001:db8::1]")
    assert config.routers[0].jump == "amy@jump.example,pve1"
    assert config.ssh.jump == "other"


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("proxmox", 'ssh = ["a b"]'),
        ("proxmox", 'ssh = ["-oProxyCommand=x"]'),
        ("proxmox", 'ssh = ["root:pw@pve1"]'),
        ("proxmox", 'ssh = "pve1"'),
        ("proxmox", "ssh = []"),
        ("proxmox", 'learn_endpoints = "yes"'),
        ("router", 'jump = "a@b@c"'),
        ("router", 'jump = "jump:99999"'),
        ("router", 'jump = "-x"'),
        ("ssh", 'jump = "amy:secret@jump"'),
    ],
)
def test_mistakes_are_named(tmp_path: Path, where: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, **{where: line})
    assert line.partition(" ")[0] in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        ("pve1", Hop(Address("pve1", 22))),
        ("root@pve1:2222", Hop(Address("pve1", 2222), "root")),
        ("amy@[2001:db8::1]:23", Hop(Address("2001:db8::1", 23), "amy")),
    ],
)
def test_hosts_of_ssh(text: str, hop: Hop) -> None:
    assert hop_of(text) == hop
    assert hop_of(str(hop)) == hop


def test_several_with_commas() -> None:
    assert hops_of("") == ()
    assert [str(hop) for hop in hops_of("a@b,c:1")] == ["a@b:22", "c:1"]


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_a_mistake(text: str) -> None:
    try:
        hop = hop_of(text)
    except ValueError:
        return
    assert not hop.user.startswith("-")
    assert hop.address.host
