"""A cluster in memory behind the `Wire` of actions: migrations take time, and consoles may die.

Its clock moves when somebody waits. `die_at` counts the moments at which a console can be killed:
before and after each call is taken, and before and after each line of the journal is written.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from labtui.actions.action import Call, LogLine, TaskState
from labtui.actions.evacuation.book import Book, Entry, Header, MemoryBook, Order, Record
from labtui.model.errors import NotFound, OutcomeUnknown, Rejected
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, cluster_lab


class Killed(BaseException):
    """The console is gone from here on."""


class FakeTask:
    """A task of the cluster."""

    def __init__(self, upid: str, kind: str, vmid: int, node: str, began: float, took: float):
        self.upid, self.kind, self.vmid, self.node = upid, kind, vmid, node
        self.began, self.ends = began, began + took
        self.status = "OK"
        self.target = ""
        self.over = False

    def row(self, now: float) -> dict[str, Any]:
        row: dict[str, Any] = {
            "upid": self.upid,
            "type": self.kind,
            "id": str(self.vmid),
            "node": self.node,
            "user": "me@pve",
            "starttime": int(self.began),
        }
        if now >= self.ends:
            row |= {"endtime": int(self.ends), "status": self.status}
        return row


class FakeCluster:
    """Implements `Wire` and `KeepsBooks` over guests that it moves itself."""

    def __init__(self, *guests: Guest, checks: dict[int, dict[str, Any]] | None = None) -> None:
        self.guests = {guest.vmid: guest for guest in guests}
        self.checks = checks or {}
        self.answers: dict[str, Any] = {}
        self.tasks: list[FakeTask] = []
        self.books: dict[str, MemoryBook] = {}
        self.held: set[str] = set()
        self.calls: list[Call] = []
        self.fail: set[int] = set()
        self.lost: set[int] = set()
        self.online = {"pve1": True, "pve2": True, "pve3": True}
        self.time = NOW
        self.moments = 0
        self.die_at = -1
        self.dead = False
        self.quorate = True
        self.most_at_once = 0

    # -- the console's end

    def killed(self) -> None:
        """A moment at which the console may die; nothing of it reaches the cluster any more."""
        if self.dead:
            raise Killed
        self.moments += 1
        if self.moments == self.die_at:
            self.dead = True
            raise Killed

    def revive(self) -> None:
        """Another console; the journals are on the disk, nobody holds them."""
        self.dead, self.die_at, self.held = False, -1, set()

    # -- Wire

    @property
    def snapshot(self) -> Snapshot:
        self._advance()
        guests = tuple(self.guests.values())
        made = cluster_lab(*guests, quorate=self.quorate, tasks=(), **self.online)
        fresh = {
            feed: msgspec.structs.replace(known, read_at=self.time)
            for feed, known in made.freshness.items()
        }
        parts = dict(made.parts)
        for feed, part in made.parts.items():
            if feed.topic == "rights":
                held = frozenset(("VM.Migrate", "VM.Audit", "VM.PowerMgmt", "Sys.Console"))
                parts[feed] = msgspec.structs.replace(part, privileges={"/": held})
        return msgspec.structs.replace(made, parts=parts, freshness=fresh)

    @property
    def max_age(self) -> float:
        return 30.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.time += seconds
        self._advance()

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        if self.dead:
            raise Killed
        self._advance()
        if path in self.answers:
            answer = self.answers[path]
            if isinstance(answer, Exception):
                raise answer
            return answer
        if path == "/cluster/tasks":
            return [task.row(self.time) for task in self.tasks if task.began <= self.time]
        if path == "/cluster/resources":
            return [
                {
                    "vmid": guest.vmid,
                    "node": guest.node,
                    "status": guest.status,
                    "lock": guest.lock,
                    "hastate": guest.ha_state,
                }
                for guest in self.guests.values()
            ]
        parts = path.split("/")
        if parts[-1] == "migrate":
            guest = self.guests[int(parts[4])]
            return {"running": int(guest.status == "running"), **self.checks.get(guest.vmid, {})}
        if parts[-1] == "config":
            return {"digest": "d" * 40, "scsi0": "ceph:vm-1-disk-0,size=8G"}
        if parts[-1] == "network":
            return [{"iface": "vmbr0"}]
        return {} if parts[-1] == "status" else []

    async def call(self, call: Call) -> Any:
        self.killed()
        self.calls.append(call)
        upid = self._relocate(call) if "/ha/" in call.path else self._take(call)
        self.killed()
        vmid = int(call.path.replace(":", "/").split("/")[-2 if "ha/" in call.path else 4])
        if vmid in self.lost:
            self.lost.discard(vmid)
            raise OutcomeUnknown("no answer", where="pve1")
        return upid

    async def task_state(self, source: str, upid: str) -> TaskState:
        if self.dead:
            raise Killed
        self._advance()
        task = next(task for task in self.tasks if task.upid == upid)
        done = self.time >= task.ends
        return TaskState(not done, task.status if done else None)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return ()

    # -- KeepsBooks

    async def new_book(self, header: Header) -> Book:
        self.killed()
        book = _Mortal(header, self)
        self.books[header.id] = book
        self.held.add(header.id)
        self.killed()
        return book

    async def reopen(self, book: str) -> tuple[Record, Book]:
        if book not in self.books:
            raise NotFound("no such job")
        if book in self.held:
            raise Rejected("held")
        self.held.add(book)
        return self._record(book), self.books[book]

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return tuple(self._record(book) for book in self.books)

    async def give(self, book: str, order: Order) -> None:
        self.books[book].wanted = order

    def _record(self, book: str) -> Record:
        kept = self.books[book]
        return Record(kept.header, tuple(kept.entries), held=book in self.held)

    # -- the cluster

    def _take(self, call: Call) -> str:
        _empty, _nodes, node, kind, number, *rest = call.path.split("/")
        guest = self.guests[int(number)]
        if guest.lock or guest.node != node:
            raise Rejected("refused", why=f"VM is locked ({guest.lock})", status=500)
        name = {"migrate": "qmigrate" if kind == "qemu" else "vzmigrate"}.get(rest[-1], "")
        name = name or f"qm{rest[-1]}"
        if guest.ha_state and name.endswith("migrate"):
            return self._asked(guest, str(dict(call.params)["target"]), name)
        return self._begin(guest, name, str(dict(call.params).get("target", "")))

    def _relocate(self, call: Call) -> dict[str, Any]:
        """No task of its own: the manager's begins some rounds later."""
        sid = call.path.split("/")[4]
        target = str(dict(call.params)["node"])
        guest = self.guests[int(sid.partition(":")[2])]
        self._begin(guest, "qmigrate", target, took=30.0, later=15.0)
        return {"sid": sid, "requested-node": target}

    def _asked(self, guest: Guest, target: str, name: str) -> str:
        """The request ends at once; the manager's task begins some rounds later."""
        upid = self._begin(guest, "hamigrate", "", took=0.0)
        self._begin(guest, name, target, later=15.0)
        return upid

    def _begin(
        self, guest: Guest, name: str, target: str, *, took: float = 7.0, later: float = 0.0
    ) -> str:
        node, number, began = guest.node, guest.vmid, self.time + later
        number_of = len(self.tasks)
        upid = f"UPID:{node}:{number_of:08X}:0000000B:{int(began):08X}:{name}:{number}:me@pve:"
        task = FakeTask(upid, name, guest.vmid, node, began, took)
        task.target = target
        if guest.vmid in self.fail:
            task.status = "migration aborted"
        self.tasks.append(task)
        if not later:
            lock = "migrate" if target else ""
            self.guests[guest.vmid] = msgspec.structs.replace(guest, lock=lock)
        running = [task for task in self.tasks if task.target and task.ends > self.time]
        self.most_at_once = max(self.most_at_once, len(running))
        return upid

    def _advance(self) -> None:
        for task in self.tasks:
            guest = self.guests[task.vmid]
            if task.target and task.began <= self.time < task.ends and not guest.lock:
                self.guests[task.vmid] = msgspec.structs.replace(guest, lock="migrate")
            if self.time < task.ends or task.over:
                continue
            task.over = True
            changes: dict[str, Any] = {"lock": ""}
            if task.status == "OK" and task.target:
                changes["node"] = task.target
            if task.kind == "qmshutdown":
                changes["status"] = "stopped"
            if task.kind == "qmstart":
                changes["status"] = "running"
            self.guests[task.vmid] = msgspec.structs.replace(guest, **changes)

    def migrations(self, vmid: int) -> list[FakeTask]:
        """Those of a guest that ended well."""
        return [t for t in self.tasks if t.vmid == vmid and t.target and t.status == "OK"]


class _Mortal(MemoryBook):
    """A journal whose writer may die before or after a line is on the disk."""

    def __init__(self, header: Header, cluster: FakeCluster) -> None:
        super().__init__(header)
        self._cluster = cluster

    async def write(self, entry: Entry) -> None:
        self._cluster.killed()
        await super().write(entry)
        self._cluster.killed()

    async def close(self) -> None:
        self._cluster.held.discard(self.header.id)
