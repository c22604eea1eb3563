"""What a hand-over rests on: the cards, who names them, and every guest of their node that may.

Reads only. Configurations are kept as the server wrote them: they are put back as they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from labtui.actions.action import Wire, subjects
from labtui.actions.cards import parts
from labtui.actions.cards.parts import Kinds
from labtui.actions.guest_facts import Subject, look_at
from labtui.locale import _
from labtui.model.claims import Card, device_table
from labtui.model.cluster import Resources, Rights
from labtui.model.devices import Hardware, PciDevice, PciMapping
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.guests import Guest
from labtui.model.leases_held import assignments
from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

CONFIG, OPTIONS, POWER = "VM.Config.HWType", "VM.Config.Options", "VM.PowerMgmt"
_AT_ONCE = 3
NOBODY = "nobody"


class Party(msgspec.Struct, frozen=True):
    """A guest of a hand-over: as it is now, its configuration raw, why that can't be read."""

    subject: Subject
    config: Mapping[str, Any] = {}
    problem: str = ""
    tenant: str = ""

    @property
    def guest(self) -> Guest:
        return self.subject.guest


class HandFacts(msgspec.Struct, frozen=True):
    """All that a draft needs.

    `cards` are given, `holders` are keys of guests that name them, `parties` every guest that is a
    holder or could have them, by key. `group` are other devices of their IOMMU groups. `memory`:
    the node's (used, size) in bytes. `only_away`: they are taken away, to nobody. `book`: the
    journal (JSON of its record) that is gone on with.
    `kinds`: the parts that the cards offer. `named`: nothing is taken of any guest but those that
    the subject names.
    """

    cluster: str
    node: str
    read_at: float
    cards: tuple[Card, ...] = ()
    holders: tuple[str, ...] = ()
    parties: dict[str, Party] = {}
    group: tuple[PciDevice, ...] = ()
    mappings: tuple[PciMapping, ...] = ()
    rights: Rights | None = None
    memory: tuple[int, int] | None = None
    answers: dict[str, str] = {}
    only_away: bool = False
    problems: tuple[str, ...] = ()
    book: str = ""
    kinds: Kinds = Kinds()
    named: bool = False


async def survey(subject: str, wire: Wire, *, only_away: bool = False) -> HandFacts:
    """For cards (their keys), or for what is leased by an assignment. Raises `LabError`."""
    snapshot = wire.snapshot
    if any("/usb-" in key for key in subjects(subject)):
        raise Rejected(_("not planned"), why=_("USB devices are handed over one at a time"))
    cards = cards_of(subject, snapshot)
    if not cards:
        raise NotFound(_("card not found"), where=subject, remedy=_("press r to read again"))
    first = cards[0].device
    here = [card for card in cards if (card.device.cluster, card.device.node) == _place(first)]
    problems = []
    if len(here) < len(cards):
        problems.append(_("the cards are in several nodes: choose those of one"))
    holders = _holders(here)
    if only := guests_of(subject):
        # Whose lease it is, or whom a plan was made for: of nobody else it is taken.
        holders = tuple(key for key in holders if key in only)
    keys = list(holders)
    if not only_away:
        keys += [key for key in candidates(snapshot, *_place(first)) if key not in holders]
    parties = {party.guest.key: party for party in await parties_of(keys, wire)}
    hardware = snapshot.one(Hardware, first.cluster) or Hardware({})
    return HandFacts(
        first.cluster,
        first.node,
        wire.now(),
        tuple(here),
        holders,
        parties,
        _group(hardware, here),
        hardware.mappings,
        snapshot.one(Rights, first.cluster),
        _memory(snapshot, *_place(first)),
        only_away=only_away,
        problems=tuple(problems),
        kinds=Kinds() if only_away else await parts.ask(here, wire),
        named=bool(only),
    )


def _holders(cards: list[Card]) -> tuple[str, ...]:
    """Who names them in its `hostpci` lines."""
    claims = (claim for card in cards for claim in card.claims if not claim.path)
    return tuple(dict.fromkeys(claim.guest.key for claim in claims))


def _place(device: PciDevice) -> tuple[str, str]:
    return device.cluster, device.node


def guests_of(subject: str) -> tuple[str, ...]:
    """The guests that a subject names: by their keys, or by that of an assignment (`lab/104/0`)."""
    parts = (key.split("/") for key in subjects(subject) if "/usb-" not in key)
    return tuple("/".join(each[:2]) for each in parts if len(each) == 2 or ":" not in each[-1])


def cards_of(subject: str, snapshot: Snapshot) -> tuple[Card, ...]:
    """The cards that a subject means: of their own keys, or of an assignment's."""
    wanted = subjects(subject)
    known = {card.key: card for card in device_table(snapshot).cards}
    leased = [row.cards for row in assignments(snapshot).rows if row.key in wanted]
    found = [known[key] for key in wanted if key in known]
    return tuple(dict.fromkeys([*found, *(card for cards in leased for card in cards)]))


def candidates(snapshot: Snapshot, cluster: str, node: str) -> list[str]:
    """The machines of a node by number, templates apart."""
    seen = (each.guest for each in seen_guests(snapshot).values())
    found = [
        guest
        for guest in seen
        if (guest.cluster, guest.node, guest.kind) == (cluster, node, "qemu") and not guest.template
    ]
    return [guest.key for guest in sorted(found, key=lambda guest: guest.vmid)]


async def parties_of(keys: list[str], wire: Wire) -> list[Party]:
    """Guests as they are now, each with its configuration."""
    if not keys:
        return []
    found = await look_at(",".join(keys), wire, CONFIG, OPTIONS, POWER, config=False, pending=True)
    gate = asyncio.Semaphore(_AT_ONCE)
    owners = registry(wire.snapshot)

    async def one(subject: Subject) -> Party:
        guest = subject.guest
        owned = owners.of_guest(guest)
        tenant = owned.record.tenant if owned else ""
        try:
            async with gate:
                config = await wire.read(guest.cluster, f"{path_of(guest)}/config")
        except LabError as error:
            why = _("its configuration can't be read: {why}").format(why=error.why or error.what)
            return Party(subject, problem=why, tenant=tenant)
        return Party(subject, config if isinstance(config, dict) else {}, tenant=tenant)

    return list(await asyncio.gather(*(one(subject) for subject in found)))


def path_of(guest: Guest) -> str:
    """Where the server has it."""
    return f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}"


def _group(hardware: Hardware, cards: list[Card]) -> tuple[PciDevice, ...]:
    """Devices in other slots that are in an IOMMU group of the cards, bridges apart."""
    groups = {card.device.iommu_group for card in cards} - {-1}
    slots = {card.device.slot for card in cards}
    devices = hardware.devices.get(cards[0].device.node, ())
    return tuple(
        device
        for device in devices
        if device.iommu_group in groups and device.slot not in slots and device.kind != "bridge"
    )


def _memory(snapshot: Snapshot, cluster: str, node: str) -> tuple[int, int] | None:
    resources = snapshot.one(Resources, cluster)
    for each in resources.nodes if resources else ():
        if each.name == node and each.memory is not None and each.memory_max is not None:
            return each.memory, each.memory_max
    return None


def answer(facts: HandFacts, name: str, value: str) -> HandFacts:
    """The facts with another value for one of the plan's inputs."""
    return msgspec.structs.replace(facts, answers={**facts.answers, name: value})
