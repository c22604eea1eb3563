"""The NetBox source: the inventory, brought up to date when the change log has moved.

The log's newest number is one small question; while it stays, the last inventory is as good as a
new one. When it moves, the log says which lists to ask for what is new in them, and what was
deleted. Where the log is hidden, each list is asked. Writes past the log (by a script on the
server), and deletions where it is hidden, are found by a whole reading now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from labtui.config.schema import NetboxConfig
from labtui.locale import _
from labtui.model.errors import Forbidden, NotFound
from labtui.model.feed import Feed
from labtui.model.inventory import Inventory
from labtui.model.records.rules import Keys
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.netbox import write as writing
from labtui.sources.netbox.changes import changes_between, newest_change
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question, Unsent
from labtui.sources.netbox.probe import NetboxReport, probe
from labtui.sources.netbox.read import Reader, built, complaints_of
from labtui.sources.netbox.tables import Tables, read_since, read_whole, shortened, without
from labtui.sources.source import FeedSpec, Reading
from labtui.sources.threads import Threads

PACE = 30.0
IDLE_PACE = 120.0
DEADLINE = limits.INVENTORY.whole
SWEEP = 900.0
"""Seconds after which everything is read whatever the log says."""


_JOURNAL_LIMIT = 8.0
_WRITE_LIMIT = 15.0


class _Held(msgspec.Struct, frozen=True):
    """What was read: when everything last, how far the log was, the lists, what they make."""

    whole_at: float
    change: int | None
    tables: Tables
    inventory: Inventory


class NetboxSource:
    """One NetBox. `clock` gives seconds since the epoch."""

    name = "netbox"

    def __init__(self, config: NetboxConfig, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._held: _Held | None = None
        self._threads: Threads[Client] = Threads(config.url, lambda: Client(config), size=2)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """The inventory: one small request every half minute, and more on a change."""
        feed = Feed("netbox", self.name, "inventory")
        return (FeedSpec(feed, self._read, PACE, IDLE_PACE, DEADLINE),)

    async def probe(self) -> NetboxReport:
        """Whether it answers, what it shows, and what the token may see. Raises nothing."""
        return await probe(self._config, self._threads)

    async def journal(self, kind: str, record: str, number: int, text: str) -> None:
        """Make an entry in the journal of a record: the only thing that is written here.

        `record` is its type (`virtualization.virtualmachine`, `dcim.device`), `kind` one of info,
        success, warning, danger. Sent once. Raises `LabError`.
        """
        what = _("writing to NetBox's journal")
        question = Question(what, self._config.url, "extras/journal-entries")
        row = {
            "assigned_object_type": record,
            "assigned_object_id": number,
            "kind": kind,
            "comments": text,
        }
        await self._threads.run(lambda client: client.add(question, row), _JOURNAL_LIMIT, what)

    async def get(self, path: str, deadline: float = _WRITE_LIMIT, **params: str | int) -> Any:
        """What is at a path below `/api/`, as `write.rows` has it. Raises `LabError`."""
        what = _("asking NetBox")
        return await self._threads.run(
            lambda client: writing.rows(client, path, params), deadline, what
        )

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int],
        deadline: float = _WRITE_LIMIT,
    ) -> Any:
        """Make (`POST`), change (`PATCH`) or delete (`DELETE`) a record; what it became.

        Parameters as in `write.write`. Sent once. Raises `LabError`; `OutcomeUnknown` when its
        answer never came, `Unreachable` only when it surely was not sent.
        """
        what = _("writing to NetBox")
        try:
            return await self._threads.run(
                lambda client: writing.write(client, method, path, params), deadline, what
            )
        except Unsent:
            raise
        except writing.LOST as error:
            raise writing.unknown(error, f"{method} {path}") from None

    async def close(self) -> None:
        """Let idle threads end; never waits."""
        self._threads.close()

    async def _read(self, _snapshot: Snapshot) -> Reading:
        now, held = self._clock(), self._held
        found = await self._threads.run(
            lambda client: _read(client, self._config, held, now),
            DEADLINE,
            _("reading NetBox"),
        )
        self._held = found
        complaints = shortened(complaints_of(found.tables))
        return Reading(found.inventory, self._config.url, complaints)


def _read(client: Client, config: NetboxConfig, held: _Held | None, now: float) -> _Held:
    """The last reading brought up to date, or a whole one. Raises `LabError`."""
    # Asked before the lists: what changes while they are read is seen the next time.
    change = _log_number(client)
    if held is None or not 0 <= now - held.whole_at < SWEEP:
        return _whole(client, config, held, now, change)
    if change is not None and change == held.change:
        return held
    try:
        tables = _brought_up(client, held, change)
    except (Forbidden, NotFound):
        tables = None
    if tables is None:
        return _whole(client, config, held, now, change)
    inventory = _configured(built(client, tables, config.vmid_fields, held.inventory), config)
    same = inventory == held.inventory
    return _Held(held.whole_at, change, tables, held.inventory if same else inventory)


def _whole(
    client: Client, config: NetboxConfig, held: _Held | None, now: float, change: int | None
) -> _Held:
    reader = Reader(client, config.vmid_fields)
    inventory = _configured(reader.inventory(held.inventory if held else None), config)
    return _Held(now, change, reader.tables, inventory)


def _configured(inventory: Inventory, config: NetboxConfig) -> Inventory:
    return msgspec.structs.replace(
        inventory, keys=Keys(config.join, config.device_join), ignored=config.ignore
    )


def _brought_up(client: Client, held: _Held, change: int | None) -> Tables | None:
    """The lists with what happened since; None where only a whole reading will do."""
    if change is None or held.change is None:
        # Nobody tells what changed: each list is asked, and what was deleted waits for the sweep.
        return read_since(client, held.tables)
    changed = changes_between(client, held.change, change)
    if changed.everything:
        return None
    tables = without(held.tables, changed.gone)
    tables = read_since(client, tables, changed.touched)
    return {**tables, **read_whole(client, changed.afresh)}


def _log_number(client: Client) -> int | None:
    """How far the log is; None where it is hidden from the token or elsewhere (before 4.1)."""
    try:
        return newest_change(client)
    except (Forbidden, NotFound):
        return None
