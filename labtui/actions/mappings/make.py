"""The plan to map a card: a new mapping, or one more entry of one that there is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labtui.actions.action import Fact, Input, Plan, Scope, Wire
from labtui.actions.mappings import facts as base
from labtui.actions.mappings import usb
from labtui.actions.mappings.facts import MappingFacts, Row
from labtui.locale import _
from labtui.model.claims import Card, device_table
from labtui.model.devices import PciDevice, short_model
from labtui.model.mapping_check import entry_text
from labtui.model.snapshot import Snapshot


def card_of(subject: str, snapshot: Snapshot) -> Card | None:
    """The device of that row."""
    return next((card for card in device_table(snapshot).cards if card.key == subject), None)


def applies(subject: str, snapshot: Snapshot) -> str:
    """Why it can't be mapped; empty when it can be."""
    if usb.is_port(subject):
        return usb.applies(subject, snapshot)
    card = card_of(subject, snapshot)
    if card is None:
        return _("there is no such device any more")
    return "" if card.node_online else _("its node is away")


def scope(subject: str, snapshot: Snapshot) -> Scope:
    """All mappings, and the card's node."""
    cluster, node, address = subject.split("/", 2)
    kind = "usb" if usb.is_port(subject) else "pci"
    return base.scope(cluster, f"{node}/{address}", (node,), kind)


async def survey(subject: str, wire: Wire) -> MappingFacts:
    """Read what a plan needs. Raises `NotFound`."""
    kind = "usb" if usb.is_port(subject) else "pci"
    return await base.survey(subject, wire, scope(subject, wire.snapshot), kind)


def draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    """The plan for the name and the functions as they are set."""
    if facts.kind == "usb":
        return usb.draft(facts, choice, mode)
    del choice, mode
    card = card_of(facts.subject, facts.snapshot)
    blockers = list(facts.standing.blockers)
    if facts.unread:
        blockers.append(_("the mappings can't be read: {why}").format(why=facts.unread))
    if card is None:
        text = _("there is no such device any more")
        return Plan("mapping.make", facts.subject, text, facts.read_at, blockers=(text,))
    device = card.device
    name = facts.values.get("name", _suggested(device)).strip()
    # A part (mdev) is of one function, so a mapping for parts names one.
    several = _functions(facts, device) > 1 and not device.mdev
    slot = facts.values.get("slot", "1" if several else "0") == "1"
    row = facts.row(name)
    line = entry_text(device.node, (device,), whole_slot=slot)
    problem = _problem(name, row, device)
    call = base.call_of(facts, name, row, line, mdev=device.mdev)
    return Plan(
        action="mapping.make",
        subject=facts.subject,
        title=_("Map {card}").format(card=f"{device.node}/{device.slot}"),
        made_at=facts.read_at,
        facts=tuple(_facts(facts, card, row, line)),
        calls=() if problem else (call,),
        blockers=tuple(blockers),
        warnings=(*facts.standing.warnings, *_warnings(facts, card, row, line)),
        stands_on=(("digest", facts.digest), ("name", name)),
        inputs=(
            Input("name", _("mapping"), name, problem=problem, hint=_("new, or one there is")),
            Input("slot", _("all functions"), "1" if slot else "0", "flag"),
        ),
    )


def _functions(facts: MappingFacts, device: PciDevice) -> int:
    return sum(d.slot == device.slot for d in facts.hardware.devices.get(device.node, ()))


def _suggested(device: PciDevice) -> str:
    """`RTX 4090` -> `rtx-4090`."""
    name = re.sub(r"[^a-z0-9]+", "-", short_model(device.model).lower()).strip("-")
    return name if not base.name_problem(name) else f"{device.kind}-{device.device_id}"


def _problem(name: str, row: Row | None, device: PciDevice) -> str:
    if (why := base.name_problem(name)) or row is None:
        return why
    here = (line for line in row.lines if f"node={device.node}," in f"{line},")
    for line in here:
        keys = base.keys_of(line)
        for path in keys.get("path", "").split(";"):
            if path in (device.address, device.slot):
                return _("this card is in it already")
    return ""


def _facts(facts: MappingFacts, card: Card, row: Row | None, line: str) -> Iterable[Fact]:
    device = card.device
    yield Fact(_("card"), f"{device.node} {device.address}  {short_model(device.model)}")
    yield from base.about(facts, row, line)


def _warnings(facts: MappingFacts, card: Card, row: Row | None, line: str) -> Iterable[str]:
    device = card.device
    raw = [claim.guest.label for claim in card.claims if not claim.mapping and not claim.path]
    if raw:
        text = _("{guests} name it by its address: set the mapping there too, or both claim it")
        yield text.format(guests=", ".join(raw))
    if device.iommu_group < 0:
        yield _("it has no IOMMU group: passing it through fails until the IOMMU is on")
    if device.mdev and "." not in line.partition("path=")[2].partition(",")[0]:
        yield _("it can be split (mdev), but no part of a whole slot can be given")
    others = [
        other.address
        for other in facts.hardware.devices.get(device.node, ())
        if other.iommu_group == device.iommu_group >= 0
        and other.slot != device.slot
        and other.kind != "bridge"
    ]
    if others:
        text = _("its IOMMU group goes to a guest as a whole: {devices} too")
        yield text.format(devices=", ".join(others))
    if row is not None and row.lines and not any(device.ids in line for line in row.lines):
        yield _("the mapping has devices of another model: guests get whichever is free")
