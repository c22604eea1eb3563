"""What can be done to a tunnel or a session, and the sentences for it by version. Pure.

RouterOS 7 has no reset of a session: `stop` leaves a flag that `clear` takes off, and the hard way
is the connection off and on. RouterOS 6 knows its peers on and off.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.actions.action import Call
from labtui.actions.overlay.desk import Version, sentence
from labtui.actions.overlay.target import Target
from labtui.locale import _

Verb = Literal["off", "on", "bounce", "face-off", "face-on", "refresh", "resend", "stop", "clear"]
AFI_SINCE: Version = (7, 19)
FLAGS = ("stopped", "limit-exceeded", "input-last-notification", "output-last-notification")
_CUTTING = frozenset(("off", "bounce", "face-off", "stop"))
_TOLD = frozenset(("refresh", "resend", "stop", "clear"))


class Ids(msgspec.Struct, frozen=True):
    """The ids of the rows, read just now; empty where there is none."""

    row: str = ""
    face: str = ""
    session: str = ""


def cutting(verb: Verb) -> bool:
    """Whether something ends by it, if only for a while."""
    return verb in _CUTTING


def told(verb: Verb) -> bool:
    """Whether it is said to a session and changes no configuration."""
    return verb in _TOLD


def menu_of(target: Target) -> str:
    """The menu of the row that is switched."""
    if target.kind == "tunnel":
        return "/interface/wireguard/peers"
    return "/routing/bgp/peer" if target.old else "/routing/bgp/connection"


def calls(verb: Verb, target: Target, ids: Ids, version: Version, flag: str) -> tuple[Call, ...]:
    """The sentences, in order; none where the version has no such thing."""
    menu, router = menu_of(target), target.router
    off, on = (
        sentence(router, f"{menu}/{word}", {".id": ids.row}) for word in ("disable", "enable")
    )
    if verb in ("face-off", "face-on"):
        word = "disable" if verb == "face-off" else "enable"
        return (sentence(router, f"/interface/wireguard/{word}", {".id": ids.face}),)
    if verb == "off":
        return (off,)
    if verb == "on":
        return (on,)
    if verb == "bounce":
        return (off, on)
    if target.old or not ids.session:
        return ()
    words: dict[str, str | int] = {".id": ids.session}
    if verb in ("refresh", "resend"):
        words["afi" if version >= AFI_SINCE else "address-family"] = "ip"
    if verb == "clear":
        words["flag"] = flag
    return (sentence(router, f"/routing/bgp/session/{verb}", words),)


def against(verb: Verb, target: Target, ids: Ids, *, disabled: bool, face_off: bool) -> str:
    """Why it can't be done as things stand, or an empty text."""
    if not ids.row:
        return _("it is not there any more")
    if verb in ("off", "bounce") and disabled:
        return _("it is off already")
    if verb == "on" and not disabled:
        return _("it is on already")
    if verb == "face-off" and face_off:
        return _("the interface is off already")
    if verb == "face-on" and not face_off:
        return _("the interface is on already")
    if verb == "bounce" and face_off:
        return _("its interface is off: switch that on")
    if told(verb) and target.old:
        return _("RouterOS 6 has no sessions to speak to: switch the peer off and on")
    if told(verb) and not ids.session:
        return _("there is no session: it was never reached since it was configured")
    return ""


def title(verb: Verb, name: str) -> str:
    """The title of a plan."""
    texts = {
        "off": _("Switch {name} off"),
        "on": _("Switch {name} on"),
        "bounce": _("Switch {name} off and on"),
        "face-off": _("Switch the interface {name} off"),
        "face-on": _("Switch the interface {name} on"),
        "refresh": _("Have the neighbour of {name} send its routes again"),
        "resend": _("Send our routes to the neighbour of {name} again"),
        "stop": _("Stop the session {name}"),
        "clear": _("Clear a flag of {name}"),
    }
    return texts[verb].format(name=name)
