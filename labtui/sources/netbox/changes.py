"""NetBox's change log: whether anything changed, which lists that touches, what was deleted."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.locale import _
from labtui.model.records import refs
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question, unexpected
from labtui.sources.netbox.tables import PATH_OF
from labtui.sources.netbox.wire import ChangeRow

LOG = "core/object-changes"
MOST = 500
"""More changes than these cost more to look through than everything to read."""
_INTERFACES = (refs.MACHINE_INTERFACES, refs.DEVICE_INTERFACES)
# What no list here shows, however often it is written. Custom fields are part of every machine.
_ELSEWHERE = ("extras.", "users.", "core.", "account.", "auth.")
_EVERYWHERE = frozenset(("extras.customfield", "extras.customfieldchoiceset"))
_UNSEEN = frozenset(("ipam.service", "dcim.cable", "dcim.cabletermination"))


class Changed(msgspec.Struct, frozen=True):
    """What a stretch of the log says. `everything`: only a whole reading will do.

    `touched` are lists with new or altered rows, `afresh` those to be read from their beginning,
    `gone` what was deleted, as (path, id).
    """

    everything: bool = False
    touched: frozenset[str] = frozenset()
    afresh: frozenset[str] = frozenset()
    gone: tuple[tuple[str, int], ...] = ()


def newest_change(client: Client) -> int:
    """The number of the log's newest entry, 0 if it has none. Raises `LabError`."""
    question = Question(_("asking for changes"), client.where, LOG)
    rows, _count = client.page(question, {"fields": "id", "ordering": "-id", "limit": 1})
    if not rows:
        return 0
    number = rows[0].get("id") if isinstance(rows[0], dict) else None
    if type(number) is not int:
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return int(number)


def changes_between(client: Client, seen: int, newest: int) -> Changed:
    """What happened after the entry `seen` up to `newest`. Raises `LabError`.

    Asked for by their number from the newest down: a filter that a version does not know would be
    passed over without a word.
    """
    count = newest - seen
    if not 0 < count <= MOST:
        return Changed(everything=True)
    question = Question(_("asking for changes"), client.where, LOG)
    fields = ",".join(ChangeRow.__struct_fields__)
    rows, _count = client.page(question, {"fields": fields, "ordering": "-id", "limit": count})
    try:
        entries = msgspec.convert(rows, list[ChangeRow], strict=False)
    except msgspec.ValidationError:
        return Changed(everything=True)
    later = [entry for entry in entries if entry.id > seen]
    # The page must reach back to what was seen: a server may give fewer than were asked for.
    if len(rows) < count and len(later) == len(rows) and not _all_there(later, seen):
        return Changed(everything=True)
    return _judged(later)


def _all_there(entries: list[ChangeRow], seen: int) -> bool:
    """Numbers may have gaps (a transaction that failed takes some), so only the oldest counts."""
    return not entries or min(entry.id for entry in entries) <= seen + 1


Weight = Literal["everything", "nothing", "list", "macs"]


def _weight(kind: str) -> Weight:
    if kind == "dcim.macaddress":
        return "macs"
    if kind in PATH_OF:
        return "list"
    if kind in _UNSEEN or (kind.startswith(_ELSEWHERE) and kind not in _EVERYWHERE):
        return "nothing"
    # A role, a VRF, a group: its name stands in many rows, and bumps none of them.
    return "everything"


def _judged(entries: list[ChangeRow]) -> Changed:
    touched: set[str] = set()
    afresh: set[str] = set()
    gone: dict[tuple[str, int], bool] = {}
    for entry in sorted(entries, key=lambda each: each.id):
        kind = (entry.changed_object_type or "").casefold()
        weight = _weight(kind)
        if weight == "everything" or entry.changed_object_id is None:
            return Changed(everything=True)
        if weight == "macs":
            afresh |= set(_INTERFACES)
        elif weight == "list":
            place = PATH_OF[kind], entry.changed_object_id
            gone[place] = entry.action.value == "delete"
            if not gone[place]:
                touched.add(place[0])
    return Changed(
        touched=frozenset(touched - afresh),
        afresh=frozenset(afresh),
        gone=tuple(place for place, deleted in gone.items() if deleted),
    )
