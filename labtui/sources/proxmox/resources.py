"""`GET /cluster/resources` -> `Resources`: the one answer that grows with the lab.

Rows are kept as the server says them: guests of a dead node go on as `running` for five minutes and
then turn `unknown` without a name. Only the name is filled in from the reading before; what to make
of such rows is for the model's joins.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from labtui.locale import _
from labtui.model.cluster import Node, Resources, Storage
from labtui.model.guests import Guest, GuestKind
from labtui.sources.proxmox.decode import Cleaner, Flag, Rows, Text, Unfit, flag, keep_same, once
from labtui.sources.proxmox.errors import Question

_KINDS: dict[str, GuestKind] = {"qemu": "qemu", "lxc": "lxc"}


class Row(msgspec.Struct, gc=False):
    """A row as it comes; which keys there are depends on `type`, the version and the rights."""

    type: str
    node: Text | None = None
    name: Text | None = None
    status: Text | None = None
    vmid: int | None = None
    cpu: float | None = None
    maxcpu: float | None = None
    mem: int | None = None
    maxmem: int | None = None
    disk: int | None = None
    maxdisk: int | None = None
    uptime: int | None = None
    template: Flag = None
    lock: Text | None = None
    tags: Text | None = None
    pool: Text | None = None
    hastate: Text | None = None
    storage: Text | None = None
    plugintype: Text | None = None
    shared: Flag = None
    content: Text | None = None


_ROWS = Rows(Row)


def read_resources(
    body: bytes, question: Question, cluster: str, before: Resources | None = None
) -> tuple[Resources, tuple[str, ...]]:
    """The resources and the rows left out; rows equal to those of `before` are the same objects.

    Sorted by number and name, since the server sends them in no order. Raises `Unexpected`.
    """
    before = before or Resources()
    build = _Builder(cluster, {guest.vmid: guest.name for guest in before.guests if guest.name})
    made, complaints = _ROWS.read(body, question, build)
    guests, complaints = once((row for row in made if isinstance(row, Guest)), _vmid, complaints)
    nodes, complaints = once((row for row in made if isinstance(row, Node)), _name, complaints)
    storages, complaints = once(
        (row for row in made if isinstance(row, Storage)), _place, complaints
    )
    resources = Resources(
        keep_same(sorted(nodes, key=_name), before.nodes, _name),
        keep_same(sorted(guests, key=_vmid), before.guests, _vmid),
        keep_same(sorted(storages, key=_place), before.storages, _place),
    )
    return (before if resources == before else resources), complaints


class _Builder:
    """Model objects from rows, with the texts of one reading cleaned once."""

    def __init__(self, cluster: str, names: dict[int, str]) -> None:
        self._cluster = cluster
        self._names = names
        self._text = Cleaner()
        self._parts: dict[str, tuple[str, ...]] = {"": ()}
        self._of: dict[str, Callable[[Row], Node | Storage]] = {
            "node": self._node,
            "storage": self._storage,
        }

    def __call__(self, row: Row) -> Guest | Node | Storage | None:
        kind = _KINDS.get(row.type)
        if kind is not None:
            return self._guest(row, kind)
        make = self._of.get(row.type)
        return make(row) if make else None

    def _guest(self, row: Row, kind: GuestKind) -> Guest:
        vmid = row.vmid
        text = self._text
        if vmid is None or not 0 < vmid < 10**10 or not row.node:
            raise Unfit(_("number or node of the guest missing"))
        return Guest(
            self._cluster,
            vmid,
            kind,
            text[row.name] or self._names.get(vmid, ""),
            text[row.node],
            text[row.status] or "unknown",
            _finite(row.cpu),
            _finite(row.maxcpu),
            row.mem,
            row.maxmem,
            row.maxdisk,
            row.uptime,
            flag(row.template),
            text[row.lock],
            self._split(text[row.tags]),
            text[row.pool],
            text[row.hastate],
        )

    def _node(self, row: Row) -> Node:
        if not row.node:
            raise Unfit(_("name of the node missing"))
        cpus = _finite(row.maxcpu)
        return Node(
            self._cluster,
            self._text[row.node],
            self._text[row.status] or "unknown",
            _finite(row.cpu),
            None if cpus is None else int(cpus),
            row.mem,
            row.maxmem,
            row.disk,
            row.maxdisk,
            row.uptime,
            self._text[row.hastate],
        )

    def _storage(self, row: Row) -> Storage:
        if not row.node or not row.storage:
            raise Unfit(_("name or node of the storage missing"))
        return Storage(
            self._cluster,
            self._text[row.node],
            self._text[row.storage],
            self._text[row.plugintype],
            self._text[row.status] or "unknown",
            flag(row.shared),
            row.disk,
            row.maxdisk,
            tuple(sorted(self._split(self._text[row.content]))),
        )

    def _split(self, text: str) -> tuple[str, ...]:
        """The words of a list: tags are joined by `;`, contents by `,`."""
        words = self._parts.get(text)
        if words is None:
            spaced = text.replace(";", " ").replace(",", " ")
            words = self._parts[text] = tuple(dict.fromkeys(spaced.split()))
        return words


def _finite(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


def _vmid(guest: Guest) -> int:
    return guest.vmid


def _name(node: Node) -> str:
    return node.name


def _place(storage: Storage) -> tuple[str, str]:
    return storage.node, storage.name
