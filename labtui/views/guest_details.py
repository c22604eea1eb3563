"""The details of a guest: what runs, what is recorded, what is configured."""

from __future__ import annotations

from labtui.locale import _
from labtui.model.claims import card_table
from labtui.model.devices import short_model
from labtui.model.guests import GuestConfig, GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.owners import registry
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.card_words import state_text
from labtui.views.figures import exact_span, of, size, span
from labtui.views.guest_row import GuestRow, aged, cpu_cell, state_cell
from labtui.views.view import Cell, Section


def _configured(config: GuestConfig | None, now: float, age: float | None) -> Section:
    if config is None:
        return Section(_("Configuration"), ((_("not read yet"), Cell("")),))
    lines: list[tuple[str, Cell]] = [
        (_("read"), Cell(_("{span} ago").format(span=span(now - config.read_at)), "dim")),
        (_("machine"), Cell(config.machine)),
        (_("starts with its node"), Cell(_("yes") if config.onboot else _("no"))),
        (_("protected"), Cell(_("yes") if config.protection else _("no"))),
        (_("processors"), Cell(str(config.cores or ""))),
        (_("memory"), Cell(size(config.memory))),
        (_("agent"), Cell(_("yes") if config.agent else _("no"))),
    ]
    for line in config.hostpci:
        text = line.mapping or ";".join(line.addresses)
        lines.append((f"hostpci{line.index}", Cell(text)))
    for net in config.nets:
        tag = f" vlan {net.tag}" if net.tag is not None else ""
        lines.append((f"net{net.index}", Cell(f"{net.bridge}{tag}  {net.mac}  {net.address}")))
    lines.extend((_("disk"), Cell(disk)) for disk in config.disks)
    if config.description:
        lines.extend(("", Cell(line, "dim")) for line in config.description.splitlines()[:20])
    return aging.section(_("Configuration"), tuple(lines), age)


def _about(row: GuestRow, age: float | None, now: float) -> Section:
    guest = row.guest
    return aging.section(
        _("Guest"),
        (
            (_("number"), Cell(str(guest.vmid))),
            (_("name"), Cell(guest.name)),
            (_("kind"), Cell(_("virtual machine") if guest.kind == "qemu" else _("container"))),
            (_("node"), Cell(f"{guest.node} ({guest.cluster})")),
            (_("state"), state_cell(row, now)),
            (_("up for"), Cell(exact_span(guest.uptime) if guest.uptime else "")),
            (_("processors"), Cell(f"{guest.cpus:g}" if guest.cpus else "")),
            (_("cpu in use"), cpu_cell(row, now)),
            (_("memory"), Cell(of(guest.memory, guest.memory_max))),
            (_("disk"), Cell(size(guest.disk_max))),
            (_("tags"), Cell(" ".join(guest.tags))),
            (_("pool"), Cell(guest.pool)),
            (_("HA"), Cell(guest.ha_state)),
        ),
        age,
    )


def _record(row: GuestRow, snapshot: Snapshot, now: float) -> Section:
    owned = registry(snapshot).of_guest(row.guest)
    lines: list[tuple[str, Cell]] = [
        (_("owner"), Cell(row.owner)),
        (_("address"), Cell(row.address)),
        (_("status"), Cell(owned.record.status if owned else _("not recorded"))),
    ]
    if owned is not None:
        record = owned.record
        lines += [
            (
                _("joined by"),
                Cell({"vmid": _("number"), "name": _("name"), "mac": "MAC"}[owned.by]),
            ),
            (_("recorded as"), Cell(record.name)),
            (_("tenant"), Cell(record.tenant)),
            (_("ask"), Cell(_asked_about(record.tenant, snapshot))),
            (_("cluster"), _recorded(record.cluster, row.guest.cluster)),
            (_("node"), _recorded(record.node, row.guest.node)),
            (_("processors"), Cell(f"{record.vcpus:g}" if record.vcpus else "")),
            (_("memory"), Cell(size(record.memory))),
            *_interfaces(record.id, snapshot),
        ]
    return aging.section("NetBox", tuple(lines), aging.age_of_any(snapshot, now, Inventory))


def _asked_about(tenant: str, snapshot: Snapshot) -> str:
    """The contacts that NetBox has of its tenant."""
    from labtui.model.records.people import people

    return people(snapshot).asked_about(tenant) if tenant else ""


def _recorded(there: str, here: str) -> Cell:
    """What NetBox has; said where it is otherwise."""
    if not there or there.casefold() == here.casefold():
        return Cell(there)
    return Cell(_("{there} (it is {here})").format(there=there, here=here), "warn")


def _interfaces(machine: int, snapshot: Snapshot) -> list[tuple[str, Cell]]:
    """The interfaces that NetBox has of it, with their addresses."""
    from labtui.model.records.index import record_index

    index = record_index(snapshot)
    found = []
    for interface in index.interfaces_of.get(("machine", machine), ()):
        addresses = index.addresses_on.get(("machine", interface.id), ())
        told = "  ".join(each.address for each in addresses)
        found.append((interface.name, Cell(told or _("no address"), "" if told else "dim")))
    return found


def _cards(row: GuestRow, snapshot: Snapshot, now: float) -> Section:
    guest = row.guest
    cards = card_table(snapshot).by_guest.get(guest.key, ())
    return aging.section(
        _("GPUs"),
        tuple(
            (
                card.device.address,
                Cell(f"{short_model(card.device.model)}  {state_text(card.state)}"),
            )
            for card in cards
        ),
        aging.hardware_age(snapshot, now, guest.cluster, guest.node),
    )


def details(row: GuestRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    """All that is known of a guest, in sections."""
    configs = snapshot.one(GuestConfigs, row.guest.cluster)
    config = configs.configs.get(row.guest.vmid) if configs else None
    stale = aging.age_of(snapshot, now, (GuestConfigs, row.guest.cluster))
    # Each has been read at a time of its own.
    age = max(stale, now - config.read_at) if stale is not None and config else None
    from labtui.views.guest_safety import sections

    found = (
        _about(row, aged(row, snapshot, now), now),
        _record(row, snapshot, now),
        _cards(row, snapshot, now),
        _configured(config, now, age),
        *sections(row.guest, snapshot, now),
    )
    return tuple(section for section in found if section.lines)
