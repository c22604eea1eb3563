"""Findings about NetBox's records: what runs and is not recorded, or is recorded otherwise.

They are told from the drift (`model.drift`), of which only what matters is a finding: what may have
an address given away twice, or sends somebody to the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Remedy,
    Subject,
    Words,
    verbatim,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.drift.difference import Difference, What
from labtui.model.drift.guests import EARLY, OFF
from labtui.model.drift.whole import drift
from labtui.model.guests import Guest
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.records import refs
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot

# What stands for a guest in the findings, whatever part of it differs.
_OF_GUESTS: tuple[What, ...] = ("guest", "interface")


def _unsaid(snapshot: Snapshot) -> tuple[tuple[Guest, Ref], ...]:
    """Guests of which nothing is heard now, whose records say that they are off."""
    known = registry(snapshot)
    found = []
    for seen in seen_guests(snapshot).values():
        if seen.guest.status != "unknown" and seen.node_online is True:
            continue
        owned = known.of_guest(seen.guest)
        if owned is not None and owned.record.status in OFF:
            found.append((seen.guest, Ref(refs.MACHINES, owned.record.id, owned.record.status)))
    return tuple(found)


_unsaid_guests = Derived((Resources, Membership, Inventory), _unsaid, figures=False)


def _missing(sight: Sight) -> Iterator[Finding]:
    for each in drift(sight.snapshot).of("guest"):
        # What the token may not see is not known to be missing.
        if each.kind == "missing" and not each.hidden:
            yield Finding(
                "record-missing",
                Subject("guest", each.lab, each.name, "guests"),
                "record",
                each.severity or "notice",
                words(N_("{guest} is not in NetBox"), guest=each.name),
                remedies=(
                    _mend(words(N_("record it: else its address will be given away")), each),
                ),
                hits=Hits(guests=(each.lab,)),
            )  # fmt: skip


def _different(sight: Sight) -> Iterator[Finding]:
    told: dict[str, list[Difference]] = {}
    for each in drift(sight.snapshot).of(*_OF_GUESTS):
        early = each.field == "status" and each.recorded in EARLY
        if each.kind == "different" and each.lab and not early:
            told.setdefault(each.lab, []).append(each)
    for found in told.values():
        yield _recorded_wrong(found)
    # A guest of which nothing is heard is compared with what it was when it was last heard of.
    for guest, ref in _unsaid_guests(sight.snapshot):
        past = sight.history.guests.get(guest.cluster)
        if guest.key not in told and past is not None and guest.key in past.running:
            yield _recorded_wrong([_not_heard(guest, ref)])


def _not_heard(guest: Guest, ref: Ref) -> Difference:
    return Difference(
        "different", "guest", guest.label, field="status", lab=guest.key, record=ref,
        actual="running", recorded=ref.name,
    )  # fmt: skip


def _recorded_wrong(found: list[Difference]) -> Finding:
    # Of a guest and its interfaces the guest's own name is the shortest.
    name, key = min((each.name for each in found), key=len), found[0].lab
    return Finding(
        "record-differs",
        Subject("guest", key, name, "guests"),
        "record",
        # People start and stop guests all day; what is missing altogether is worse.
        "notice",
        words(N_("NetBox has {guest} otherwise: {fields}"), guest=name,
              fields=", ".join(each.field for each in found)),
        evidence=tuple(_both(each) for each in found),
        remedies=(_mend(words(N_("correct the record, or the guest")), *found),),
        hits=Hits(guests=(key,)),
    )  # fmt: skip


def _mend(text: Words, *found: Difference) -> Remedy:
    """The first of these that can be mended from here; where none can, the object to look at."""
    for each in found:
        if each.mends:
            return Remedy(text, "difference.mend", "drift", each.key)
    first = found[0]
    if first.what in _OF_GUESTS and first.lab:
        return Remedy(text, view="guests", key=first.lab)
    return Remedy(text, view="drift", key=first.key)


def _both(each: Difference) -> Evidence:
    return Evidence(
        words(N_("{field}: is {found}, recorded as {recorded}"), field=each.field,
              found=each.actual, recorded=each.recorded)
    )  # fmt: skip


def _surplus(sight: Sight) -> Iterator[Finding]:
    for each in drift(sight.snapshot).of("guest"):
        if each.kind == "surplus" and each.record is not None:
            yield Finding(
                "record-surplus",
                Subject("record", str(each.record.id), each.name, "drift", each.key),
                "record",
                "notice",
                words(N_("NetBox has {name}, and no such guest exists"), name=each.name),
                remedies=(_mend(words(N_("delete the record, and give its address free")), each),),
            )


def _several(sight: Sight) -> Iterator[Finding]:
    """Records of which nobody can say whose they are: nothing of theirs is compared."""
    for each in drift(sight.snapshot).differences:
        if each.kind == "ambiguous":
            yield Finding(
                "record-ambiguous",
                Subject(each.what, each.lab, each.name, "drift", each.key),
                "record",
                "notice",
                words(N_("several records of NetBox could be {name}"), name=each.name),
                evidence=(Evidence(verbatim(each.recorded)),),
                remedies=(
                    Remedy(words(N_("take out the record that is wrong")), view="drift",
                           key=each.key),
                ),
            )  # fmt: skip


def _addresses(sight: Sight) -> Iterator[Finding]:
    for each in drift(sight.snapshot).of("address"):
        if each.kind == "twice":
            yield Finding(
                "address-twice",
                Subject("address", each.name, each.name, "drift", each.key),
                "record",
                "warning",
                words(N_("{address} is recorded for several: {names}"), address=each.name,
                      names=each.recorded),
                remedies=(
                    _mend(words(N_("find out who answers there, and correct the other")), each),
                ),
            )  # fmt: skip


def _unrecorded(sight: Sight) -> Iterator[Finding]:
    """Addresses in use that NetBox has not, or has for somebody else: it will give them away."""
    for each in drift(sight.snapshot).of("address"):
        if each.kind not in ("missing", "different") or each.severity != "warning" or each.hidden:
            continue
        text = N_("{address} is in use and not recorded")
        if each.kind == "different":
            text = N_("{address} is in use, and recorded otherwise")
        recorded = (
            (Evidence(words(N_("recorded as {recorded}"), recorded=each.recorded)),)
            if each.recorded
            else ()
        )
        used = each.actual if each.view != "guests" else each.name
        address = each.name if each.view != "guests" else each.actual
        yield Finding(
            "address-unrecorded",
            Subject("address", each.key, address, "drift", each.key),
            "record",
            "warning",
            words(text, address=address),
            evidence=(Evidence(words(N_("it is on {what}"), what=used)), *recorded),
            remedies=(_mend(words(N_("record it before somebody gives it away again")), each),),
            sites=(each.site,) if each.site else (),
            hits=Hits(guests=(each.lab,)) if each.view == "guests" else Hits(),
        )  # fmt: skip


def _prefixes(sight: Sight) -> Iterator[Finding]:
    """Networks that people live in or that are announced, and that NetBox has not."""
    homes = {network for networks in sight.places.lans.values() for network in networks}
    for each in drift(sight.snapshot).of("prefix"):
        if each.kind != "missing" or each.hidden:
            continue
        if each.name not in homes and each.field != "announced":
            continue
        site = each.site or each.actual
        announced = each.field == "announced"
        evidence = (
            words(N_("{router} announces it"), router=each.actual)
            if announced
            else words(N_("the router of {site} has an address in it"), site=site)
        )
        yield Finding(
            "prefix-missing",
            Subject("prefix", each.name, each.name, "drift", each.key),
            "record",
            "warning",
            words(N_("{network} of {site} is not in NetBox"), network=each.name, site=site),
            evidence=(Evidence(evidence),),
            remedies=(_mend(words(N_("record it before somebody gives it away again")), each),),
            sites=(each.site,) if each.site else (),
            hits=Hits(prefixes=(each.name,)),
        )


def _systems(sight: Sight) -> Iterator[Finding]:
    """AS numbers of sites that are recorded otherwise than their routers have them."""
    for each in drift(sight.snapshot).of("asn"):
        if each.kind == "different":
            both = msgspec.structs.replace(each, field="ASN")
            yield Finding(
                "record-asn",
                Subject("site", each.site, each.site),
                "record",
                "warning",
                words(N_("NetBox has another AS number for {site}"), site=each.site),
                evidence=(msgspec.structs.replace(_both(both), source=each.lab),),
                remedies=(_mend(words(N_("correct the site's AS number in NetBox")), each),),
                sites=(each.site,),
            )


def _links(sight: Sight) -> Iterator[Finding]:
    """Tunnels that run and that nobody has written down."""
    for each in drift(sight.snapshot).of("tunnel"):
        if each.kind == "missing" and not each.hidden:
            yield Finding(
                "tunnel-unrecorded",
                Subject("tunnel", each.lab, each.name, "drift", each.key),
                "record",
                "notice",
                words(N_("the tunnel {name} is not in NetBox"), name=each.name),
                evidence=(Evidence(verbatim(each.actual)),),
                remedies=(_mend(words(N_("record it")), each),),
                sites=(each.site,) if each.site else (),
            )


RECORD_RULES = (
    Rule("record-missing", "ipam", (Inventory, Resources), _missing),
    Rule("record-differs", "ipam", (Inventory, Resources), _different),
    Rule("record-surplus", "ipam", (Inventory, Resources), _surplus),
    Rule("address-twice", "ipam", (Inventory,), _addresses),
    Rule("address-unrecorded", "ipam", (Inventory,), _unrecorded),
    Rule("record-ambiguous", "ipam", (Inventory,), _several),
    Rule("tunnel-unrecorded", "ipam", (Inventory, WireGuard), _links),
    Rule("prefix-missing", "ipam", (Inventory, RouterFacts), _prefixes),
    Rule("record-asn", "ipam", (Inventory, Bgp), _systems),
)
