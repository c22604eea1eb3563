"""Commands as root on nodes: where they go, which there are, and what becomes of a lost answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.schema import Address, Hop, SshConfig
from labtui.model.errors import HostKeyFailed, OutcomeUnknown, Refused, Rejected, Unreachable
from labtui.sources.ssh.command import NodeShells
from tests.sources.proxmox.asking import closed_port
from tests.sources.ssh.server import Answer, Client, Host, serving

UNLOCK = "qm unlock 104"


@contextlib.asynccontextmanager
async def shells(ssh: SshConfig, *hosts: str) -> AsyncIterator[NodeShells]:
    made = NodeShells("lab", hosts, msgspec.structs.replace(ssh, writes=True))
    try:
        yield made
    finally:
        made.close()


def says(status: int, out: str = "", err: str = "") -> Answer:
    return status, out.encode(), err.encode()


async def test_a_command_and_its_refusal(client: Client) -> None:
    answers = [says(0, "ok\x1b[31m\n"), says(2, err="no quorum!\nmore\n"), says(1)]
    host = Host(client.folder, lambda _line: answers.pop(0))
    async with serving(host, client), shells(client.config(host)) as made:
        where = f"ssh://root@{host.address}"
        assert await made.run_command(where, UNLOCK, 5) == "ok\ufffd[31m "
        with pytest.raises(Rejected, match=r"no quorum!$"):
            await made.run_command(where, UNLOCK, 5)
        with pytest.raises(Rejected, match="it ended with 1"):
            await made.run_command(where, UNLOCK, 5)
    assert host.commands == [UNLOCK] * 3


async def test_sudo_that_does_not_want(client: Client) -> None:
    host = Host(client.folder, lambda _line: says(1, err="sudo: a password is required\n"))
    async with serving(host, client), shells(client.config(host)) as made:
        with pytest.raises(Refused) as raised:
            await made.run_command(f"ssh://amy@{host.address}", f"sudo -n {UNLOCK}", 5)
    assert "allow `sudo -n qm unlock 104`" in raised.value.remedy


async def test_an_end_that_was_not_seen_is_unknown_and_nothing_is_sent_again(
    client: Client,
) -> None:
    host = Host(client.folder, hang=True)
    async with serving(host, client), shells(client.config(host)) as made:
        with pytest.raises(OutcomeUnknown):
            await made.run_command(f"ssh://root@{host.address}", UNLOCK, 1.0)
        await asyncio.sleep(0)
    assert host.commands == [UNLOCK]


async def test_what_fails_before_anything_was_sent_is_no_unknown_outcome(client: Client) -> None:
    host, other = Host(client.folder), Host(client.folder)
    async with serving(host, client), serving(other, client):
        ssh = client.config(other)
    async with serving(host, client), shells(ssh) as made:
        with pytest.raises(HostKeyFailed):
            await made.run_command(f"ssh://root@{host.address}", UNLOCK, 5)
        with pytest.raises(Unreachable):
            await made.run_command(f"ssh://root@{closed_port()}", UNLOCK, 5)
    assert host.commands == []


@pytest.mark.parametrize(
    "line",
    [
        "reboot",
        "qm unlock 104; reboot",
        "qm unlock 104 && x",
        "qm unlock 104\nreboot",
        "qm unlock $(x)",
        "qm destroy 104",
        "ha-manager crm-command stop vm:104 0",
        "ha-manager crm-command node-maintenance enable pve1 x",
        "sudo qm unlock 104",
        "",
    ],
)
async def test_no_other_command_is_ever_sent(client: Client, line: str) -> None:
    host = Host(client.folder)
    async with serving(host, client), shells(client.config(host)) as made:
        with pytest.raises(Rejected, match="no such command is ever run"):
            await made.run_command(f"ssh://root@{host.address}", line, 5)
        with pytest.raises(Rejected):
            await made.run_command(host.address, UNLOCK, 5)
    assert host.users == []


@given(st.text(max_size=60))
def test_hardly_any_text_is_a_command(line: str) -> None:
    made = NodeShells("lab", (), SshConfig(writes=True))
    with pytest.raises(Rejected):
        asyncio.run(made.run_command("ssh://root@127.0.0.1:9", f"qm unlock 104{line or ' '}x", 1))


async def test_nothing_is_sent_where_it_is_not_allowed(client: Client) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        made = NodeShells("lab", (), client.config(host))
        with pytest.raises(Rejected):
            await made.run_command(f"ssh://root@{host.address}", UNLOCK, 5)
        with pytest.raises(Rejected) as raised:
            made.place("pve1", "10.0.0.1")
    assert "writes = true in [ssh]" in raised.value.remedy
    assert host.users == []


WRITES = SshConfig("amy", "jump@10.9.9.9", writes=True)


@pytest.mark.parametrize(
    ("hosts", "place"),
    [
        ((), ("ssh://amy@10.0.0.1:22", "sudo -n ")),
        (("root@pve2",), ("ssh://root@10.0.0.1:22", "")),
        (("root@pve1.lab.example:2222",), ("ssh://root@pve1.lab.example:2222", "")),
        (("pve2", "bob@10.0.0.1"), ("ssh://bob@10.0.0.1:22", "sudo -n ")),
    ],
)
def test_where_a_nodes_shell_is(hosts: tuple[str, ...], place: tuple[str, str]) -> None:
    made = NodeShells("lab", hosts, WRITES)
    assert made.place("pve1", "10.0.0.1") == place
    assert made.way(place[0]) == "jump@10.9.9.9:22"
    with pytest.raises(Rejected, match="its address is not known"):
        made.place("pve7", "")


def test_the_hosts_of_the_configuration_go_first() -> None:
    ways = (("node:pve*", (Hop(Address("gate", 0), "root"),)),)
    made = NodeShells("lab", ("amy@pve1",), msgspec.structs.replace(WRITES, hosts=ways))
    assert made.place("pve1", "10.0.0.1") == ("ssh://root@gate:22", "")
    users = (("pve1", ("root",)),)
    made = NodeShells("lab", ("bob@pve2",), msgspec.structs.replace(WRITES, users=users))
    assert made.place("pve1", "10.0.0.1") == ("ssh://root@10.0.0.1:22", "")
    assert made.place("pve3", "10.0.0.3") == ("ssh://bob@10.0.0.3:22", "sudo -n ")
