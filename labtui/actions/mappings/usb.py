"""The plans for USB mappings where they differ from those of PCI: by port, or by ids."""

from __future__ import annotations

from collections.abc import Iterable

from labtui.actions.action import Fact, Input, Plan
from labtui.actions.mappings import facts as base
from labtui.actions.mappings.facts import MappingFacts, Row
from labtui.locale import _
from labtui.model.devices import MappingEntry
from labtui.model.mapping_check import Mismatch
from labtui.model.snapshot import Snapshot
from labtui.model.usb import UsbPort, usb_table
from labtui.model.usb_check import by_port, elsewhere, entry_text


def is_port(subject: str) -> bool:
    """Whether the row of that key is a USB device."""
    return subject.rpartition("/")[2].startswith("usb-")


def port_of(subject: str, snapshot: Snapshot) -> UsbPort | None:
    """The device of that row."""
    return next((port for port in usb_table(snapshot) if port.key == subject), None)


def applies(subject: str, snapshot: Snapshot) -> str:
    """Why it can't be mapped; empty when it can be."""
    port = port_of(subject, snapshot)
    if port is None or port.plugged is not True or not port.ids:
        return _("there is no such device any more")
    return "" if port.node_online else _("its node is away")


def draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    """The plan for the name, and by its port or by its ids."""
    del choice, mode
    port = port_of(facts.subject, facts.snapshot)
    blockers = list(facts.standing.blockers)
    if facts.unread:
        blockers.append(_("the mappings can't be read: {why}").format(why=facts.unread))
    if port is None or not port.ids:
        text = _("there is no such device any more")
        return Plan("mapping.make", facts.subject, text, facts.read_at, blockers=(text,))
    by_path = facts.values.get("port", "1") == "1"
    name = facts.values.get("name", f"usb-{port.ids.replace(':', '-')}").strip()
    row = facts.row(name)
    line = entry_text(port.node, port.ids, port.path if by_path else "")
    problem = base.name_problem(name) or _problem(row, line)
    return Plan(
        action="mapping.make",
        subject=facts.subject,
        title=_("Map {card}").format(card=f"{port.node} {port.name or port.ids}"),
        made_at=facts.read_at,
        facts=tuple(_facts(facts, port, row, line)),
        calls=() if problem else (base.call_of(facts, name, row, line),),
        blockers=tuple(blockers),
        warnings=(*facts.standing.warnings, *_warnings(port, by_path=by_path)),
        stands_on=(("digest", facts.digest), ("name", name)),
        inputs=(
            Input("name", _("mapping"), name, problem=problem, hint=_("new, or one there is")),
            Input(
                "port",
                _("in this port"),
                "1" if by_path else "0",
                "flag",
                hint=_("otherwise wherever it is plugged in"),
            ),
        ),
    )


def _problem(row: Row | None, line: str) -> str:
    wanted = base.keys_of(line)
    for each in row.lines if row is not None else ():
        keys = base.keys_of(each)
        if all(keys.get(key, "") == wanted.get(key, "") for key in ("node", "id", "path")):
            return _("this device is in it already")
    return ""


def _facts(facts: MappingFacts, port: UsbPort, row: Row | None, line: str) -> Iterable[Fact]:
    yield Fact(_("device"), f"{port.node} {port.path}  {port.ids}  {port.name}".rstrip())
    yield from base.about(facts, row, line)


def _warnings(port: UsbPort, *, by_path: bool) -> Iterable[str]:
    names = ", ".join(seen.guest.label for seen in port.claims)
    if names and not port.mappings:
        text = _("{guests} name it directly: set the mapping there too, or both claim it")
        yield text.format(guests=names)
    if by_path:
        yield _("in another port it will not be found: the entry is of this port")


def places(wrong: Mismatch, facts: MappingFacts) -> tuple[str, ...]:
    """Ports that may be set for an entry: where the device is now, else what is in the same."""
    entry = wrong.entry
    found = [device.path for device in elsewhere(entry, facts.hardware)]
    plugged = facts.hardware.usb.get(entry.node, ())
    if by_port(entry) and any(device.path == entry.addresses[0] for device in plugged):
        found.append(entry.addresses[0])
    return tuple(dict.fromkeys(found))


def line_at(entry: MappingEntry, path: str, facts: MappingFacts) -> str:
    """The entry for what is in that port now."""
    plugged = facts.hardware.usb.get(entry.node, ())
    ids = next((device.ids for device in plugged if device.path == path), entry.device)
    return entry_text(entry.node, ids, path)
