"""Which guest's configuration is read next: few at a time, however many guests there are.

Guests whose configuration seems to have changed come first, then those never read by this process
(running ones before stopped ones before templates), then the one whose turn is longest ago.
"""

from __future__ import annotations

from collections.abc import Iterable

from labtui.model.cluster import Membership, Tasks
from labtui.model.guests import Guest, GuestConfig

AT_FIRST = 60
AFTERWARDS = 2
# A node that did not answer for one guest is left alone for its others.
NODE_PAUSE = 30.0

# Tasks that may leave another configuration behind (task types of qemu-server and pve-container).
_CHANGING = frozenset(
    (
        *("qmconfig", "qmclone", "qmcreate", "qmrestore", "qmmove", "qmtemplate", "qmigrate"),
        *("qmsnapshot", "qmrollback", "qmdelsnapshot", "resize", "qmremoterestore", "imgdel"),
        *("vzclone", "vzcreate", "vzrestore", "vzmigrate", "vztemplate", "vzsnapshot"),
        *("vzrollback", "vzdelsnapshot", "move_volume", "hamigrate", "unlink", "cloudinit"),
    )
)

_Signature = tuple[object, ...]


class Sweep:
    """What is known of the configurations of one cluster, and whose turn it is."""

    def __init__(self) -> None:
        self._signatures: dict[int, _Signature] = {}
        self._tried: dict[int, float] = {}
        self._due: set[int] = set()
        self._seen: set[str] | None = None
        self._silent: dict[str, float] = {}
        self._silences: dict[str, int] = {}

    def choose(
        self,
        guests: Iterable[Guest],
        configs: dict[int, GuestConfig],
        membership: Membership | None,
        tasks: Tasks | None,
        now: float,
        busy: Iterable[str] = (),
    ) -> list[Guest]:
        """The guests to read now, in order; none of nodes that are off, silent or `busy`."""
        listed = {guest.vmid: guest for guest in guests}
        self._forget(listed.keys())
        self._note_tasks(tasks, listed.keys())
        off = self._off(membership, now).union(busy)
        reachable = [guest for guest in listed.values() if guest.node not in off]
        for guest in reachable:
            known = self._signatures.get(guest.vmid)
            # A row without statistics tells nothing new.
            if guest.status != "unknown" and known not in (None, _signature(guest)):
                self._due.add(guest.vmid)
        cold = any(guest.vmid not in self._tried for guest in reachable)

        def turn(guest: Guest) -> tuple[bool, bool, bool, bool, float, int]:
            vmid = guest.vmid
            tried = self._tried.get(vmid)
            return (
                vmid not in self._due,
                tried is not None,
                tried is None and guest.template,
                tried is None and guest.status == "stopped",
                tried if tried is not None else _read_at(configs.get(vmid)),
                vmid,
            )

        reachable.sort(key=turn)
        return reachable[: AT_FIRST if cold else AFTERWARDS]

    def ask(self, vmid: int) -> None:
        """It may have changed by what was done from here, which no row or task tells."""
        self._due.add(vmid)

    def read(self, guest: Guest, now: float) -> None:
        """Its configuration was read."""
        self._signatures[guest.vmid] = _signature(guest)
        self._tried[guest.vmid] = now
        self._due.discard(guest.vmid)
        self._silences.pop(guest.node, None)

    def failed(self, guest: Guest, now: float) -> None:
        """The server said no: others have their turn first, it stays as it was."""
        self._signatures[guest.vmid] = _signature(guest)
        self._tried[guest.vmid] = now
        self._due.discard(guest.vmid)

    def silent(self, node: str, now: float) -> None:
        """That node did not answer."""
        self._silent[node] = now + NODE_PAUSE
        self._silences[node] = self._silences.get(node, 0) + 1

    def long_silent(self, node: str) -> bool:
        """Whether it did not answer twice in a row: once says nothing of its guests.

        A node that has just died is known as off before its next turn.
        """
        return self._silences.get(node, 0) > 1

    def _off(self, membership: Membership | None, now: float) -> set[str]:
        members = membership.members if membership else ()
        return {member.name for member in members if not member.online} | {
            node for node, until in self._silent.items() if now < until
        }

    def _note_tasks(self, tasks: Tasks | None, listed: Iterable[int]) -> None:
        if tasks is None:
            return
        known = frozenset(listed)
        ended = {task.upid: task for task in tasks.tasks if not task.running}
        fresh = ended.keys() - self._seen if self._seen is not None else set()
        for upid in fresh:
            task = ended[upid]
            if task.kind in _CHANGING and task.subject.isdecimal() and int(task.subject) in known:
                self._due.add(int(task.subject))
        self._seen = set(ended)

    def _forget(self, listed: Iterable[int]) -> None:
        gone = self._tried.keys() - set(listed)
        for vmid in gone:
            self._tried.pop(vmid, None)
            self._signatures.pop(vmid, None)
        self._due &= set(listed)


def _signature(guest: Guest) -> _Signature:
    return guest.node, guest.lock, guest.name, guest.cpus, guest.memory_max, guest.tags


def _read_at(config: GuestConfig | None) -> float:
    return config.read_at if config else 0.0
