"""The way back of a call: what was there before it, and what makes it so again.

An image is written to the journal before its call is sent, so that a console that is killed can
take everything back from the journal alone. Taking back looks first and is repeated until nothing
is left to do; nothing is removed that does not carry the tag of its job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labtui.actions.action import NETBOX, ROUTER, Call, Wire
from labtui.actions.overlay.desk import Row, router_of, rows_or_none, sentence
from labtui.locale import _
from labtui.model.errors import NotFound, Rejected

# By what a row of a menu is known again after a restart, which changes its id.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "/interface/wireguard/peers": ("interface", "public-key"),
    "/ip/address": ("address", "interface"),
    "/ip/firewall/filter": ("chain", "protocol", "dst-port"),
    "/routing/filter/rule": ("chain", "rule"),
}
_NAME = ("name",)
# By what a record of NetBox is told from others of the same job, and how that is asked for.
_OWN: Mapping[str, tuple[str, ...]] = {
    "dcim/interfaces": ("device", "name"),
    "ipam/ip-addresses": ("address",),
    "vpn/tunnels": ("name",),
}
_FILTERS = {"device": "device_id"}
_SWITCHES = {"enable": "false", "disable": "true"}
# The verbs that change configuration; a session that was told something can't be untold.
_UNDONE = frozenset(("set", *_SWITCHES))
_SAFE = "/safe-mode/"


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has to be known to take a call back. `row` is the row as it was, all of it."""

    call: Call
    tag: str = ""
    row: Row = {}


def menu_of(call: Call) -> tuple[str, str]:
    """The menu of a sentence and its verb."""
    menu, _slash, verb = call.path.rpartition("/")
    return menu, verb


def encode(image: Image) -> str:
    """As a line of the journal has it."""
    return msgspec.json.encode(image).decode()


def decode(text: str) -> Image | None:
    """An image of a journal; None for what is none."""
    try:
        return msgspec.json.decode(text, type=Image)
    except msgspec.MsgspecError:
        return None


async def image_of(call: Call, tag: str, wire: Wire) -> Image:
    """What is there now. Raises `LabError`; `NotFound` when there is nothing to change."""
    menu, verb = menu_of(call)
    router = router_of(call)
    if not router or verb == "add" or call.path.startswith(_SAFE):
        return Image(call, tag)
    found = await rows_or_none(wire, router, menu, **{"?.id": _word(call, ".id")})
    if len(found) != 1:
        raise NotFound(_("not there any more"), where=router, why=str(call))
    return Image(call, tag, dict(found[0]))


async def done_already(image: Image, wire: Wire) -> str | None:
    """What an answer that was lost would have said; None when it was not done.

    Raises `LabError`.
    """
    call = image.call
    if call.source == NETBOX:
        found = await records(image, wire)
        return str(found[0]["id"]) if found else None
    menu, verb = menu_of(call)
    if verb == "add":
        mine = await _tagged(image, wire)
        return mine[0].get(".id", "") if mine else None
    if verb not in (*_UNDONE, "remove"):
        return None
    now = await _again(image, menu, wire)
    if verb == "remove":
        return "" if now is None else None
    return "" if now is not None and not _differs(now, _wanted(call, verb)) else None


async def take_back(image: Image, wire: Wire) -> bool:
    """Make one thing as it was before, as far as it is not. True when something was sent.

    Raises `LabError`; `OutcomeUnknown` may mean that it is done: look again.
    """
    call = image.call
    if call.source == NETBOX:
        return await _records_back(image, wire)
    menu, verb = menu_of(call)
    router = router_of(call)
    if call.method != ROUTER or call.path.startswith(_SAFE):
        return False
    if verb == "add":
        mine = await _tagged(image, wire)
        for row in mine:
            await wire.call(sentence(router, f"{menu}/remove", {".id": row[".id"]}))
        return bool(mine)
    if verb == "remove":
        raise Rejected(_("what was removed can't be made again"), where=router, why=str(call))
    if verb not in _UNDONE:
        return False
    now = await _again(image, menu, wire)
    if now is None:
        return False
    back = {name: image.row.get(name, "") for name in _wanted(call, verb)}
    back = _differs(now, back)
    if back:
        words = {".id": now[".id"], **{n: _written(v) for n, v in back.items()}}
        await wire.call(sentence(router, f"{menu}/set", words))
    return bool(back)


async def records(image: Image, wire: Wire) -> list[dict[str, Any]]:
    """NetBox's records that a call has made. Raises `LabError`."""
    call = image.call
    if call.method != "POST":
        return []
    words = dict(call.params)
    path = call.path.partition("/available-")[0]
    if path != call.path:
        path = "ipam/asns" if "asn-ranges" in path else "ipam/prefixes"
    if path == "vpn/tunnel-terminations":
        # NetBox refuses to be asked about a tunnel that is gone; an interface ends in one only.
        wanted: dict[str, str | int] = {"termination_id": words["termination_id"]}
    else:
        # Both ends of a link have the same tag.
        wanted = {"description": str(words.get("description", ""))}
        wanted |= {_FILTERS.get(name, name): words[name] for name in _OWN.get(path, ())}
    found = await wire.read(NETBOX, path, **wanted)
    rows = [row for row in found if isinstance(row, dict) and "id" in row]
    kind = words.get("termination_type")
    return [{**row, "path": path} for row in rows if row.get("termination_type", kind) == kind]


async def _records_back(image: Image, wire: Wire) -> bool:
    found = await records(image, wire)
    for row in found:
        try:
            await wire.call(Call(NETBOX, "DELETE", f"{row['path']}/{row['id']}"))
        except NotFound:
            continue
    return bool(found)


async def _tagged(image: Image, wire: Wire) -> list[Row]:
    """The rows that an `add` has made: they have the job's tag and what it gave them."""
    menu, _verb = menu_of(image.call)
    words = dict(image.call.params)
    if words.get("comment") != image.tag or not image.tag:
        return []
    found = await rows_or_none(wire, router_of(image.call), menu, **{"?comment": image.tag})
    given = {key: str(words[key]) for key in _KEYS.get(menu, _NAME) if key in words}
    return [row for row in found if all(row.get(key) == given[key] for key in given)]


async def _again(image: Image, menu: str, wire: Wire) -> Row | None:
    """The row now, known again by what names it, whatever its id is."""
    keys = [key for key in _KEYS.get(menu, _NAME) if key in image.row]
    queries = {f"?{key}": image.row[key] for key in keys}
    found = await rows_or_none(wire, router_of(image.call), menu, **queries)
    same = [row for row in found if row.get(".id") == image.row.get(".id")]
    fitting = same or found
    return fitting[0] if fitting else None


def _wanted(call: Call, verb: str) -> dict[str, str]:
    if verb in _SWITCHES:
        return {"disabled": _SWITCHES[verb]}
    return {name: str(value) for name, value in call.params if not name.startswith(".")}


def _differs(row: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """What of it is not so."""
    return {n: v for n, v in wanted.items() if _read(row.get(n, "")) != _read(v)}


def _read(value: str) -> str:
    """Yes and no in the form in which they are printed; absent is no."""
    return {"yes": "true", "no": "false", "": "false"}.get(value, value)


def _written(value: str) -> str:
    return {"true": "yes", "false": "no"}.get(value, value)


def _word(call: Call, name: str) -> str:
    return str(dict(call.params).get(name, ""))


def reversed_images(images: Sequence[Image]) -> tuple[Image, ...]:
    """The last first. Of a row that was changed twice only the first knows how it was before."""
    first: dict[tuple[str, ...], Image] = {}
    for number, image in enumerate(images):
        menu, verb = menu_of(image.call)
        same = verb in _UNDONE and image.call.method == ROUTER
        own = (image.call.source, menu, image.row.get(".id", ""), *_names(image.call, verb))
        first.setdefault(own if same else (str(number),), image)
    return tuple(reversed(first.values()))


def _names(call: Call, verb: str) -> list[str]:
    """The properties that it changes."""
    return sorted(_wanted(call, verb))
