"""A wire to the demo's cluster behind its real HTTP servers; waiting moves the cluster's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import quote

from labtui.actions.action import (
    Action,
    Call,
    LogLine,
    Outcome,
    Plan,
    Progress,
    TaskState,
    subjects,
)
from labtui.model.cluster import Resources, Rights
from labtui.model.devices import Hardware
from labtui.model.errors import OutcomeUnknown
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Part, Snapshot
from labtui.model.text import clean
from labtui.sources.proxmox.errors import Question, from_status
from labtui.sources.proxmox.guest_config import read_config
from labtui.sources.proxmox.hardware import read_devices, read_usb
from labtui.sources.proxmox.mappings import read_mappings, read_usb_mappings
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.proxmox.status import read_ha, read_membership, read_privileges, read_tasks
from labtui.sources.proxmox.tasks import read_log, read_status
from tests.demo.cluster_api import ADMIN, ApiStage, Reply, api_stage
from tests.snapshots import snapshot

LAB = "lsalab"


class StageWire:
    """Implements `Wire` over an `ApiStage`; the snapshot is read again by `look`."""

    def __init__(self, stage: ApiStage) -> None:
        self.stage = stage
        self.snapshot = Snapshot()
        self.calls: list[Call] = []
        self.lose_next_answer = False
        self.user = ADMIN
        self._headers: dict[str, str] | None = None

    async def sign_in(self, user: str, password: str) -> None:
        """Go on by ticket as that user, instead of by the token."""
        told = await self.stage.ask(
            "/access/ticket", "POST", headers={}, username=user, password=password
        )
        self.user = user
        self._headers = {
            "Cookie": f"PVEAuthCookie={quote(told.data['ticket'], safe='')}",
            "CSRFPreventionToken": told.data["CSRFPreventionToken"],
        }

    @property
    def max_age(self) -> float:
        return 30.0

    def now(self) -> float:
        return self.stage.state.now

    async def sleep(self, seconds: float) -> None:
        self.stage.wait(seconds)

    async def _ask(self, verb: str, path: str, **params: str | int) -> Reply:
        reply = await self.stage.ask(
            path, verb, headers=self._headers, **cast("dict[str, Any]", params)
        )
        if reply.status >= 300:
            question = Question(f"{verb} {path}", "pve1", path, verb != "GET")
            raise from_status(question, reply.status, reply.reason, reply.body)
        return reply

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        return (await self._ask("GET", path, **params)).data

    async def call(self, call: Call) -> Any:
        self.calls.append(call)
        reply = await self._ask(call.method, call.path, **call.sent)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise OutcomeUnknown("no answer")
        return reply.data

    async def task_state(self, source: str, upid: str) -> TaskState:
        node = upid.split(":")[1]
        reply = await self._ask("GET", f"/nodes/{node}/tasks/{upid}/status")
        told = read_status(reply.body, Question("task", node))
        return TaskState(told.running, told.exit)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        node = upid.split(":")[1]
        path = f"/nodes/{node}/tasks/{upid}/log"
        reply = await self._ask("GET", path, start=after, limit=1000)
        lines = read_log(reply.body, Question("log", node))
        return tuple(LogLine(n, clean(text)) for n, text in lines if n > after)

    async def look(self, *, hardware: bool = False) -> Snapshot:
        """Read the snapshot again; with `hardware` devices and configurations too."""

        async def body(path: str) -> bytes:
            return (await self._ask("GET", path)).body

        def asked(path: str) -> Question:
            return Question(path, "pve1", path)

        async def part(path: str, read: Any) -> Any:
            return read(await body(path), asked(path))[0]

        resources: Resources = await part(
            "/cluster/resources", lambda b, q: read_resources(b, q, LAB)
        )
        held = read_privileges(await body("/access/permissions"), asked("/access/permissions"))
        parts: list[Part] = [
            resources,
            await part("/cluster/status", lambda b, q: read_membership(b, q, LAB)),
            await part("/cluster/tasks", lambda b, q: read_tasks(b, q, LAB)),
            await part("/cluster/ha/status/current", read_ha),
            Rights(self.user, "9.2.3", *held),
        ]
        if hardware:
            parts += [await self._configs(resources), await self._hardware(resources)]
        self.snapshot = snapshot(*((LAB, one) for one in parts), read_at=self.now())
        return self.snapshot

    async def _configs(self, resources: Resources) -> GuestConfigs:
        configs = {}
        for guest in resources.guests:
            path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
            reply = await self._ask("GET", path)
            configs[guest.vmid] = read_config(reply.body, Question(path, ""), guest, 0.0)[0]
        return GuestConfigs(configs)

    async def _hardware(self, resources: Resources) -> Hardware:
        devices = {}
        for node in resources.nodes:
            path = f"/nodes/{node.name}/hardware/pci"
            reply = await self._ask("GET", path)
            devices[node.name] = read_devices(reply.body, Question(path, ""), LAB, node.name)[0]
        usb = {}
        for node in resources.nodes:
            path = f"/nodes/{node.name}/hardware/usb"
            reply = await self._ask("GET", path)
            usb[node.name] = read_usb(reply.body, Question(path, ""), node.name)[0]
        reply = await self._ask("GET", "/cluster/mapping/pci")
        mappings = read_mappings(reply.body, Question("mappings", ""))[0]
        reply = await self._ask("GET", "/cluster/mapping/usb")
        by_usb = read_usb_mappings(reply.body, Question("mappings", ""))[0]
        return Hardware(devices, mappings, usb_mappings=by_usb, usb=usb)

    def key(self, name: str) -> str:
        """The key of the guest of that name."""
        return f"{LAB}/{self.stage.guest(name).vmid}"

    async def plan(
        self, action: Action, *names: str, choice: str = "", mode: str = "", **answers: str
    ) -> Plan:
        """The plan for these guests with these answers."""
        await self.look(hardware=action.id in ("guest.start", "guest.migrate"))
        facts = await action.survey(",".join(self.key(name) for name in names), self)
        for name, value in answers.items():
            assert action.answer is not None
            facts = action.answer(facts, name, value)
        return action.draft(facts, choice, mode)

    async def run(self, action: Action, plan: Plan) -> tuple[Outcome, list[Progress]]:
        """Carry it out; the news on the way."""
        assert plan.ready, (plan.blockers, plan.inputs)
        assert subjects(plan.subject)
        news: list[Progress] = []
        return await action.run(plan, self, news.append), news

    async def do(
        self, action: Action, *names: str, choice: str = "", mode: str = "", **answers: str
    ) -> Outcome:
        """Plan and carry it out."""
        plan = await self.plan(action, *names, choice=choice, mode=mode, **answers)
        return (await self.run(action, plan))[0]


@asynccontextmanager
async def stage_wire(version: str = "9.2") -> AsyncIterator[StageWire]:
    """A wire to a cluster of that version, seen once and with statistics."""
    async with api_stage(version) as stage:
        stage.wait(12)
        wire = StageWire(stage)
        await wire.look()
        yield wire
