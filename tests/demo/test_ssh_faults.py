"""Every fault of SSH, begun and ended, as clients see it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import asyncssh
import pytest

from labtui.demo.faults.fault import Fault, Value
from labtui.demo.faults.ssh import SSH_FAULTS
from labtui.demo.ssh.nvidia import FAILURES
from tests.demo.ssh_stage import SshStage, ssh_stage

FAULTS = {fault.name: fault for fault in SSH_FAULTS}
SOON = 0.3


def begin(stage: SshStage, name: str, target: str, **options: Value) -> None:
    FAULTS[name].begin(cast(Any, stage), target, options)


def end(stage: SshStage, name: str, target: str) -> None:
    FAULTS[name].end(cast(Any, stage), target, {})


def picture(stage: SshStage) -> list[Any]:
    hosts = [stage.ssh.host(name) for name in stage.ssh.names]
    return [
        (host.key_generation, host.refuses_key, host.hangs, host.nvidia, host.flowing.is_set())
        for host in hosts
    ]


@pytest.mark.parametrize("fault", SSH_FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_ends_without_a_trace(fault: Fault) -> None:
    async with ssh_stage() as stage:
        whole, lab = picture(stage), cast(Any, stage)
        for target in fault.targets(lab):
            for _again in range(2):
                fault.begin(lab, target, fault.options)
            assert picture(stage) != whole
            for _again in range(2):
                fault.end(lab, target, fault.options)
            assert picture(stage) == whole
        with pytest.raises(KeyError):
            fault.begin(lab, "nowhere", fault.options)


async def test_another_host_key() -> None:
    async with ssh_stage() as stage:
        begin(stage, "ssh-host-key-changed", "pve1")
        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            async with stage.connect():
                pass
        end(stage, "ssh-host-key-changed", "pve1")
        assert (await stage.run("true")).exit_status == 0


async def test_a_key_that_is_refused() -> None:
    async with ssh_stage() as stage:
        begin(stage, "ssh-refuses-key", "pve1")
        with pytest.raises(asyncssh.PermissionDenied):
            async with stage.connect():
                pass
        end(stage, "ssh-refuses-key", "pve1")
        assert (await stage.run("true")).exit_status == 0


async def test_a_login_that_hangs() -> None:
    async with ssh_stage() as stage:
        begin(stage, "ssh-hang", "pve1")
        waiting = asyncio.create_task(stage.run("hostname"))
        done, _ = await asyncio.wait({waiting}, timeout=SOON)
        assert not done
        end(stage, "ssh-hang", "pve1")
        assert (await waiting).stdout == "pve1\n"


async def test_commands_that_hang() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        begin(stage, "ssh-hang", "pve1", where="command")
        waiting = asyncio.create_task(connection.run("hostname"))
        done, _ = await asyncio.wait({waiting}, timeout=SOON)
        assert not done
        end(stage, "ssh-hang", "pve1")
        assert (await waiting).stdout == "pve1\n"


async def test_a_client_that_gives_up_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    async with ssh_stage() as stage:
        async with stage.connect() as connection:
            begin(stage, "ssh-hang", "pve1", where="command")
            process = await connection.create_process("hostname")
            begin(stage, "nvidia-smi-fails", "pve1", kind="hang")
            await asyncio.sleep(0.05)
            process.close()
        begin(stage, "ssh-hang", "pve1", where="login")
        waiting = asyncio.create_task(stage.run("hostname"))
        await asyncio.wait({waiting}, timeout=SOON)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for _turn in range(50):
        if not asyncio.all_tasks() - before:
            break
        await asyncio.sleep(0.02)
    assert asyncio.all_tasks() - before == set()


async def test_wrong_options() -> None:
    async with ssh_stage() as stage:
        with pytest.raises(ValueError, match="login, command"):
            begin(stage, "ssh-hang", "pve1", where="x")
        with pytest.raises(ValueError, match="driver"):
            begin(stage, "nvidia-smi-fails", "gpu-amy", kind="x")


@pytest.mark.parametrize("kind", [kind for kind in FAILURES if kind != "hang"])
async def test_nvidia_smi_that_fails(kind: str) -> None:
    async with ssh_stage("gpu-amy") as stage:
        begin(stage, "nvidia-smi-fails", "gpu-amy", kind=kind)
        done = await stage.run("nvidia-smi -L", "gpu-amy")
        assert (done.exit_status, done.stdout, done.stderr) == FAILURES[kind]
        end(stage, "nvidia-smi-fails", "gpu-amy")
        assert (await stage.run("nvidia-smi -L", "gpu-amy")).exit_status == 0


async def test_nvidia_smi_that_hangs() -> None:
    async with ssh_stage("gpu-amy") as stage:
        begin(stage, "nvidia-smi-fails", "gpu-amy", kind="hang")
        waiting = asyncio.create_task(stage.run("nvidia-smi -L", "gpu-amy"))
        done, _ = await asyncio.wait({waiting}, timeout=SOON)
        assert not done
        end(stage, "nvidia-smi-fails", "gpu-amy")
        assert (await waiting).exit_status == 0
