"""The wire of actions over the real sources, and the one gate that every write passes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from labtui.actions.action import NETBOX, SSH, Call, LogLine, TaskState
from labtui.actions.shell import Shell
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.live.who import who_is
from labtui.locale import _
from labtui.model.cluster import Membership, Resources
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.link_rules import LinkRules
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.sources.proxmox.tasks import TaskStatus

_log = logging.getLogger(__name__)
_READ_LIMIT = 10.0


_NO_RULES = LinkRules()


class Cluster(Protocol):
    """What actions need of a Proxmox VE source."""

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any: ...

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 30.0
    ) -> Any: ...

    def shell(self, node: str, address: str) -> tuple[str, str, str]:
        """(URL of that node's shell, words before a command there, jump hosts)."""
        ...

    def ask_config(self, vmid: int) -> None:
        """Have the configuration of that guest read next."""
        ...

    async def task_status(self, upid: str) -> TaskStatus: ...

    async def task_log(self, upid: str, start: int) -> list[tuple[int, str]]:
        """(number, text) of the lines after that one."""
        ...


@runtime_checkable
class Desk(Protocol):
    """What actions need of any other source: a router (`routeros/NAME`), NetBox (`netbox`)."""

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any: ...

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 15.0
    ) -> Any: ...


@runtime_checkable
class LogsIn(Protocol):
    """A desk of a router."""

    async def log_in_anew(self) -> None: ...


def desks_of(sources: Iterable[object]) -> dict[str, Desk]:
    """The desks among the sources: `routeros/NAME`, and `netbox` for the only one."""
    found: dict[str, Desk] = {}
    for source in sources:
        name = str(getattr(source, "name", ""))
        if isinstance(source, Desk):
            found[name if name == NETBOX else f"routeros/{name}"] = source
    return found


class LiveWire:
    """Implements `actions.action.Wire`. No write gets past its gate, which is asked for each.

    `max_age`: how old what a plan rests on may be, in seconds. `begun`: for a job that started
    while the console was elevated.
    """

    def __init__(
        self,
        store: Store,
        clusters: Mapping[str, Cluster],
        *,
        gate: Holdback,
        max_age: float = 30.0,
        clock: Callable[[], float] = time.time,
        begun: bool = False,
        desks: Mapping[str, Desk] | None = None,
        link_rules: LinkRules = _NO_RULES,
    ) -> None:
        self._store = store
        self._clusters = clusters
        self._desks = {} if desks is None else desks
        self.link_rules = link_rules
        self._gate = gate
        self._max_age = max_age
        self._clock = clock
        self._begun = begun

    def lent(self) -> LiveWire:
        """The wire for a job that starts now: the end of an elevation does not cut it.

        Raises `Rejected` when nothing may start.
        """
        if (against := self._gate.why_not()) is not None:
            raise against
        return LiveWire(
            self._store,
            self._clusters,
            gate=self._gate,
            max_age=self._max_age,
            clock=self._clock,
            begun=True,
            desks=self._desks,
            link_rules=self.link_rules,
        )

    @property
    def who(self) -> str:
        """Who sits at this console, and who is behind `sudo`, for what is written down."""
        found = who_is()
        return f"{found.user} (sudo {found.sudo})" if found.sudo else found.user

    @property
    def max_age(self) -> float:
        return self._max_age

    @property
    def snapshot(self) -> Snapshot:
        return self._store.snapshot

    def now(self) -> float:
        return self._clock()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        # Forwarded to a hung node, a call takes 30 s on the server; a plan can't wait for that.
        return await self._one(source).get(path, _READ_LIMIT, **params)

    def against_writing(self, router: str) -> str:
        """Why nothing can be changed on that router, known in advance; empty when it can."""
        desk = self._desks.get(f"routeros/{router}")
        if desk is None:
            return _("{router} is not in the configuration").format(router=router)
        return str(getattr(desk, "against_writing", ""))

    def shell(self, cluster: str, node: str) -> Shell:
        """Root's shell on that node, as `actions.shell` wants it."""
        membership = self._store.snapshot.one(Membership, cluster)
        member = membership.member(node) if membership is not None else None
        try:
            found = self._cluster(cluster).shell(node, member.address if member else "")
        except LabError as error:
            return Shell(against=f"{error.problem.sentence}. {error.remedy}".rstrip(". "))
        return Shell(*found)

    async def call(self, call: Call) -> Any:
        # Somebody may have frozen everything since the plan was shown.
        await self._gate.look()
        if (against := self._gate.why_not(begun=self._begun)) is not None:
            why = f"{against.why} ({call})"
            raise Rejected(against.what, where=call.source, why=why, remedy=against.remedy)
        fresh = self._store.snapshot.fresh(Resources, call.source)
        if fresh is not None and fresh.remembered:
            raise Rejected(
                _("not sent: nothing was read since the start"),
                where=call.source,
                why=str(call),
                remedy=_("wait for the first reading, and plan again"),
            )
        return await self._logged(call)

    async def log_in_anew(self, router: str) -> None:
        """Prove that router reachable by a connection of its own. Raises `LabError`."""
        desk: object = self._desks.get(f"routeros/{router}")
        if isinstance(desk, LogsIn):
            await desk.log_in_anew()

    async def _logged(self, call: Call) -> Any:
        """Send it, and leave a line in the log: what was sent, without values, and the outcome."""
        began, outcome = time.monotonic(), "cancelled"
        try:
            answer = await self._one(call.source).call(call.method, call.path, call.sent)
            outcome = "ok"
            return answer
        except LabError as error:
            outcome = error.kind
            raise
        finally:
            # A command is no secret, and nothing else says what was done.
            names = ",".join(str(v) if call.method == SSH else name for name, v in call.params)
            took = (time.monotonic() - began) * 1000
            _log.info(
                "write %s %s %s (%s) %.0fms %s",
                call.source,
                call.method,
                call.path,
                names,
                took,
                outcome,
            )

    async def task_state(self, source: str, upid: str) -> TaskState:
        status = await self._cluster(source).task_status(upid)
        return TaskState(status.running, status.exit)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        lines = await self._cluster(source).task_log(upid, after)
        return tuple(LogLine(number, text) for number, text in lines)

    def _one(self, name: str) -> Cluster | Desk:
        """The source of that name: a cluster, or what is none."""
        return self._desks.get(name) or self._cluster(name)

    def _cluster(self, name: str) -> Cluster:
        try:
            return self._clusters[name]
        except KeyError:
            raise NotFound(_("no such cluster in the configuration"), where=name) from None
