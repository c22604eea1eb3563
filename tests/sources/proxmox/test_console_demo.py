"""Consoles of the demo lab through the source: who is let in, through whom, and every end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from labtui.config.schema import ProxmoxConfig, Tls
from labtui.config.secret import Secret
from labtui.demo.listeners import Mode
from labtui.demo.service import RunningLab
from labtui.model.errors import Forbidden, LabError, TlsFailed, Unreachable
from labtui.sources.proxmox import ProxmoxSource, console
from labtui.sources.proxmox.console import Console
from tests.sources.proxmox.test_demo import config_of, lab

WEB = "/nodes/pve1/qemu/110"


@asynccontextmanager
async def opened(config: ProxmoxConfig, path: str = WEB) -> AsyncIterator[Console]:
    source = ProxmoxSource(config)
    made = None
    try:
        made = await source.console(path)
        yield made
    finally:
        if made is not None:
            await made.close()
        await source.close()


async def until(line: Console, text: str) -> str:
    seen = ""
    async with asyncio.timeout(10):
        while text not in seen:
            data = await line.read()
            assert data, seen
            seen += data.decode()
    return seen


def with_password(running: RunningLab) -> ProxmoxConfig:
    users = running.accounts.as_json()["proxmox"]["users"]
    return msgspec.structs.replace(
        config_of(running),
        token_id="",
        token_secret=None,
        username="root@pam",
        password=Secret("plain", users["root@pam"]["password"]),
    )


def through(config: ProxmoxConfig, number: int) -> ProxmoxConfig:
    """With that endpoint alone."""
    return msgspec.structs.replace(
        config, endpoints=(config.endpoints[number],), learn_endpoints=False, ssh=()
    )


def pinned(running: RunningLab, config: ProxmoxConfig, pin: str = "") -> ProxmoxConfig:
    pins = [running.certificates[f"pve{n}"].fingerprint for n in (1, 2, 3, 4)]
    pins = [pin or each.replace(":", "").lower() for each in pins]
    return msgspec.structs.replace(config, tls=Tls("pin", "", pins[0], tuple(pins)))


async def test_a_guest_a_container_and_a_node_with_a_token() -> None:
    async with lab() as running:
        config = config_of(running)
        async with opened(config) as line:
            await line.resize(100, 30)
            await until(line, "web-01 login: ")
            await line.send(b"root\rx\r")
            await until(line, "web-01:~# ")
            await line.send("stty size\recho 字 {}\r".format("x" * 9_000).encode())
            assert "30 100" in await until(line, "字 xx")
        async with opened(config, "/nodes/pve1/lxc/103") as line:
            await until(line, "jump login: ")
        async with opened(config, "/nodes/pve3") as line:
            await until(line, "pve3 login: ")


async def test_with_a_password_and_a_pinned_certificate() -> None:
    async with lab() as running:
        config = pinned(running, with_password(running))
        async with opened(config, "/nodes/pve1") as line:
            await until(line, "root@pve1:~# ")
        with pytest.raises(TlsFailed):
            async with opened(pinned(running, config, "0" * 64)):
                raise AssertionError("was let in")


async def test_any_endpoint_leads_to_a_guest_of_another_node() -> None:
    async with lab() as running:
        config = through(config_of(running), 2)
        async with opened(config) as line:
            assert line.where == str(config.endpoints[0])
            await until(line, "web-01 login: ")
        running.cluster.set_power("pve1", on=False)
        async with opened(config) as line:
            assert "No route to host" in await until(line, "\r\n")
            assert await line.read() == b""


async def test_a_missing_right_is_told_before_anything_is_opened() -> None:
    async with lab() as running:
        tokens = {each.id: each.secret for each in running.accounts.proxmox.tokens}
        poor = next(name for name in tokens if "audit" in name or "ro" in name.split("!")[0])
        config = msgspec.structs.replace(
            config_of(running), token_id=poor, token_secret=Secret("plain", tokens[poor])
        )
        with pytest.raises(Forbidden) as told:
            async with opened(config):
                raise AssertionError("was let in")
        assert told.value.privilege == "VM.Console"


async def test_it_ends_with_its_guest_and_there_is_none_of_an_unknown_node() -> None:
    async with lab() as running:
        async with opened(config_of(running)) as line:
            await until(line, "login: ")
            guest = running.cluster.state.guests[110]
            running.cluster.operations.stop(guest, "root@pam")
            async with asyncio.timeout(10):
                while await line.read():
                    pass
        with pytest.raises(LabError):
            async with opened(config_of(running), "/nodes/pve9"):
                raise AssertionError("was let in")


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "SILENCE", 0.2)
    async with lab() as running, opened(config_of(running)) as line:
        await until(line, "login: ")
        # While it answers to signs of life it may be silent for as long as it likes.
        reading = asyncio.create_task(line.read())
        await asyncio.sleep(0.9)
        assert not reading.done()
        await running.fault("*", Mode.HANG)
        with pytest.raises(LabError):
            async with asyncio.timeout(5):
                await reading


async def test_nothing_listens_there() -> None:
    async with lab() as running:
        await running.fault("*", Mode.REFUSE)
        with pytest.raises(Unreachable):
            async with opened(through(config_of(running), 0)):
                raise AssertionError("was let in")
