"""How each guest could leave its node, where it could go, and what speaks against it. Pure."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from labtui.actions.evacuation.facts import Charge, EvacuationFacts, Place
from labtui.actions.migration import disks
from labtui.actions.migration.refusals import device_text, of_disks, stuck_in_ha, unasked
from labtui.locale import _

RUNNING, ALL, UNBROKEN = "running", "all", "unbroken"
RESUME = "resume"
MODES = (RUNNING, ALL, UNBROKEN)
PARTS = {
    "live": ("migrate",),
    "offline": ("migrate",),
    "restart": ("migrate",),
    "ha": ("migrate",),
    "cold": ("shutdown", "migrate", "start"),
    "relocate": ("relocate",),
}
_PREFERRED, _REPLICA, _PROCESSOR, _OLDER = 0.3, 0.2, 2.0, 0.5


class Way(msgspec.Struct, frozen=True):
    """How a guest leaves; without a `way` it stays, and `why` says so. `off`: left as it is off."""

    charge: Charge
    way: str = ""
    why: str = ""
    off: bool = False


def way_of(charge: Charge, mode: str) -> Way:
    """How it leaves, whatever the target. `mode`: which guests, and whether any may be stopped."""
    facts, guest = charge.facts, charge.guest
    if not facts.running and guest.status == "stopped" and mode != ALL:
        return Way(charge, why=_("off"), off=True)
    if why := _tied(charge):
        return Way(charge, why=why)
    if not facts.running:
        if guest.status not in ("stopped", "running"):
            text = _("it is {status}: start or stop it first")
            return Way(charge, why=text.format(status=guest.status))
        return _on_disks(Way(charge, "offline"))
    way = _running(charge)
    if mode == UNBROKEN and way in ("restart", "cold", "relocate"):
        return Way(charge, why=_("it would have to be stopped for a while"))
    return _on_disks(Way(charge, way))


def _on_disks(way: Way) -> Way:
    """The way, or why its local volumes do not allow it."""
    why = next(iter(of_disks(way.charge.facts, live=way.way in ("live", "ha"))), "")
    return Way(way.charge, why=why) if why else way


def _running(charge: Charge) -> str:
    facts = charge.facts
    if facts.guest.kind == "lxc":
        return "restart"
    if facts.pinned_mappings:
        # The HA manager can't take such a guest live either: it stops, moves and starts it.
        return "relocate" if facts.managed else "cold"
    return "ha" if facts.managed else "live"


def _tied(charge: Charge) -> str:
    """What keeps it where it is, with what would remove that."""
    facts, guest = charge.facts, charge.guest
    if charge.lacks:
        return _("the account lacks {rights}").format(rights=", ".join(charge.lacks))
    if guest.lock:
        return _("locked ({lock}): wait until that ends").format(lock=guest.lock)
    if why := stuck_in_ha(facts):
        return why
    if facts.own_job:
        return _("a job of this console works on it: wait until that ends")
    if facts.local_resources:
        text = _("passed-through or local devices ({names}) tie it to {node}").format(
            names=", ".join(facts.local_resources), node=guest.node
        )
        told = dict.fromkeys(filter(None, map(device_text, facts.local_resources)))
        return "; ".join((text, *told))
    media = [disk.volume for disk in facts.media]
    if media and facts.wishes.eject != "1":
        return _("a local CD image is in the drive ({names}): eject it").format(
            names=", ".join(media)
        )
    if charge.binds:
        return _("folders of {node} are mounted in it ({names})").format(
            node=guest.node, names=", ".join(charge.binds)
        )
    return unasked(facts)


def against(way: Way, place: Place, facts: EvacuationFacts, leaving: Collection[str]) -> str:
    """Why it can't go there, whatever else goes; `leaving` are the services that move too."""
    charge, guest, name = way.charge, way.charge.guest, place.host.name
    if place.against:
        return place.against
    if why := _ruled(guest.sid, name, facts, leaving):
        return why
    target = next((t for t in charge.facts.targets if t.node.name == name), None)
    if target is not None and target.forbidden:
        return "; ".join(target.forbidden)
    missing = () if place.bridges is None else sorted(charge.facts.bridges - place.bridges)
    if missing:
        return _("no bridge {names}").format(names=" ".join(missing))
    if target is not None and (lacking := next(iter(disks.against(charge.facts, target)), "")):
        return lacking
    if charge.replicas and charge.facts.running and name not in charge.replicas:
        return _("not a node that it is replicated to")
    for mapping, count in charge.needs.items():
        if (free := place.host.pools.get(mapping)) is None:
            return _("nobody can say whether a card of {mapping} is free").format(mapping=mapping)
        if free < count:
            return _("no free {card} ({mapping})").format(
                card=charge.cards or mapping, mapping=mapping
            )
    if memory_of(way) > place.host.room:
        return _("not enough memory")
    return ""


def _ruled(sid: str, name: str, facts: EvacuationFacts, leaving: Collection[str]) -> str:
    only = facts.rules.only.get(sid)
    if only is not None and name not in only:
        return _("an HA rule holds it to {nodes}").format(nodes=" ".join(sorted(only)))
    for other in sorted(facts.rules.away_from(sid)):
        if facts.strangers.get(other) == name and other not in leaving:
            return _("an HA rule keeps it away from {sid}").format(sid=other)
    for other in sorted(facts.rules.with_it(sid)):
        there = facts.strangers.get(other)
        if there is not None and there != name and other not in leaving:
            return _("an HA rule keeps it with {sid} on {node}").format(sid=other, node=there)
    return ""


def pair_cost(way: Way, place: Place, facts: EvacuationFacts) -> float:
    """What speaks softly against that node."""
    charge, name = way.charge, place.host.name
    found = 0.0
    liked = facts.rules.liked.get(charge.guest.sid)
    if liked is not None and name not in liked:
        found += _PREFERRED
    if charge.replicas and name not in charge.replicas:
        found += _REPLICA
    if other_processor(way, place, facts):
        found += _PROCESSOR
    if older(way, place, facts):
        found += _OLDER
    return found


def other_processor(way: Way, place: Place, facts: EvacuationFacts) -> bool:
    """It would meet another processor while it runs, and was given that of its node."""
    moves_live = way.way in ("live", "ha") and way.charge.facts.cpu_type == "host"
    own = facts.here.get(way.charge.guest.node, ("", ""))[0]
    return bool(moves_live and place.processor and own and place.processor != own)


def older(way: Way, place: Place, facts: EvacuationFacts) -> bool:
    """The node has an older Proxmox VE: a live move to it may fail."""
    own = facts.here.get(way.charge.guest.node, ("", ""))[1]
    return bool(place.version and own) and _number(place.version) < _number(own)


def _number(version: str) -> tuple[int, ...]:
    parts = (part.split("-")[0] for part in version.split("."))
    return tuple(int(part) for part in parts if part.isdigit())


def memory_of(way: Way) -> float:
    """Bytes that it takes on its target."""
    return float(way.charge.guest.memory_max or 0) if way.charge.facts.running else 0.0
