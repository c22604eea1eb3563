"""A wire to the demo's cluster that also runs commands on its nodes, as their SSH servers do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from labtui.actions.action import SSH, Call
from labtui.actions.shell import Shell
from labtui.demo.ssh.hosts import SshLab
from labtui.demo.ssh.session import Session
from labtui.demo.ssh.shell import run_line
from labtui.model.errors import OutcomeUnknown, Rejected
from tests.actions.stage_wire import StageWire
from tests.demo.cluster_api import Reply, api_stage


class ShellWire(StageWire):
    """`against`: why there are no shells; `lose_command`: the answer to the next one is lost.

    `via` is the node that answers; it is not the one that the tests switch off.
    """

    against = ""
    lose_command = False
    via = "pve2"

    def shell(self, cluster: str, node: str) -> Shell:
        return Shell(against=self.against) if self.against else Shell(f"ssh://root@{node}:22")

    async def _ask(self, verb: str, path: str, **params: str | int) -> Reply:
        return await super()._ask(verb, path, via=self.via, **params)

    async def call(self, call: Call) -> Any:
        if call.method != SSH:
            return await super().call(call)
        self.calls.append(call)
        said: list[str] = []
        lab = SshLab(self.stage.site)
        host = lab.host(call.path.partition("@")[2].partition(":")[0])
        session = Session(lab, host, "root", said.append, said.append)
        status = await run_line(session, str(dict(call.params)["command"]))
        if self.lose_command:
            self.lose_command = False
            raise OutcomeUnknown("running a command over SSH", why="it was begun")
        if status:
            raise Rejected("running a command over SSH", where=call.path, why="".join(said).strip())
        return "".join(said)


@asynccontextmanager
async def shell_wire(version: str = "9.2") -> AsyncIterator[ShellWire]:
    """A wire to a cluster of that version, seen once and with statistics."""
    async with api_stage(version) as stage:
        stage.wait(12)
        wire = ShellWire(stage)
        await wire.look()
        yield wire
