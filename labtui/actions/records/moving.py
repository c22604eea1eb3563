"""What is in the wrong place is moved: a record is not deleted and made anew beside itself.

Of one machine an interface too much and one too little are the same interface, renamed; of one
tunnel an end too much and one too little are the same end, put on the other interface.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.actions.records.request import Piece, Request
from labtui.model.drift.difference import Difference
from labtui.model.records import refs

MOVABLE = (refs.MACHINE_INTERFACES, refs.TUNNEL_ENDS)


def moved(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with each such pair as one that moves the record."""
    left = list(pieces)
    found: list[Piece] = []
    while left:
        piece = left.pop(0)
        twin = next((each for each in left if _pair(piece, each)), None)
        if twin is None:
            found.append(piece)
            continue
        left.remove(twin)
        gone, made = (piece, twin) if piece.deletes else (twin, piece)
        found.append(_together(gone, made))
    return found


def _pair(one: Piece, other: Piece) -> bool:
    return (
        one.ref.path == other.ref.path in MOVABLE
        and bool(one.owner)
        and one.owner == other.owner
        and one.deletes != other.deletes
        and not (one.blockers or other.blockers)
    )


def _together(gone: Piece, made: Piece) -> Piece:
    """The record that would go, changed into the one that would be made."""
    here = f"{gone.ref.path}/{gone.ref.id}"
    *before, last = made.requests
    if gone.ref.path == refs.TUNNEL_ENDS:
        wanted = tuple(pair for pair in last.values if pair[0].startswith("termination"))
        requests = (*before, Request("PATCH", here, wanted))
    else:
        requests = tuple(_renamed(gone, made))
    return msgspec.structs.replace(
        gone, keys=(*gone.keys, *made.keys), requests=requests, notes=(),
        label=f"{gone.label} > {made.label}",
    )  # fmt: skip


def _renamed(gone: Piece, made: Piece) -> list[Request]:
    here = f"{gone.ref.path}/{gone.ref.id}"
    first, *rest = made.requests
    keep = tuple(pair for pair in first.values if pair[0] != "virtual_machine")
    mac = next((dict(each.values) for each in rest if each.path == refs.MACS), None)
    if mac is None:
        return [Request("PATCH", here, keep)]
    held = gone.row.get("primary_mac_address")
    if isinstance(held, dict):
        # Its MAC address has a record already: that is changed too.
        place = f"{refs.MACS}/{held['id']}"
        value = (("mac_address", mac["mac_address"]),)
        return [Request("PATCH", here, keep), Request("PATCH", place, value)]
    body = tuple({**mac, "assigned_object_id": gone.ref.id}.items())
    final = (*keep, ("primary_mac_address", "<1>"))
    return [Request("POST", refs.MACS, body), Request("PATCH", here, final)]


def counterpart(about: Difference, all_of_them: Sequence[Difference]) -> Difference | None:
    """The difference of the other kind that is of the same record, if there is one."""
    wanted = {"surplus": "missing", "missing": "surplus"}.get(about.kind)
    if wanted is None or about.what not in ("interface", "end"):
        return None
    fitting = (
        each
        for each in all_of_them
        if each.kind == wanted and each.what == about.what and _whose(each) == _whose(about)
    )
    return next(fitting, None)


def _whose(about: Difference) -> str:
    """The guest of an interface, the tunnel of an end (its name is before the router's)."""
    return about.lab if about.what == "interface" else about.name.rpartition(" ")[0]
