"""A diagnosis in words: each step, the broken layer, and what to try."""

from __future__ import annotations

from labtui.locale import _
from labtui.model.diagnosis import Checked, Diagnosis, Layer, StepName
from labtui.model.links import Link, LinkKind, LinkState
from labtui.model.links.link import Said
from labtui.views.figures import span
from labtui.views.link_words import because, kind_text
from labtui.views.view import Role

SIGNS = {"good": "✓", "warn": "▲", "bad": "✗", "unknown": "?", "none": "·"}
ROLES: dict[str, Role] = {
    "good": "good",
    "warn": "warn",
    "bad": "bad",
    "unknown": "stale",
    "none": "dim",
}
_KINDS: tuple[LinkKind, ...] = ("wireguard", "l2tp", "ipsec", "vxlan", "ospf", "bgp")


def step_text(step: StepName) -> str:
    """What a step looks at."""
    return {
        "router": _("router"),
        "settings": _("settings"),
        "underlay": _("underlay"),
        "handshake": _("handshake"),
        "tunnel": _("in the tunnel"),
        "size": _("size"),
        "routing": _("session"),
        "route": _("route"),
        "beyond": _("beyond"),
    }[step]


def layer_text(layer: Layer) -> str:
    """What a layer is called."""
    return {
        "router": _("the router"),
        "underlay": _("the underlay (lines and what is on the way)"),
        "tunnel": _("the tunnel (how its ends are set)"),
        "routing": _("routing (sessions, filters, announcements)"),
        "beyond": _("what is behind the router"),
    }[layer]


def told(step: Checked) -> str:
    """What a step found."""
    values = dict(step.values)
    values["about"] = short(step.about)
    if step.reason in ("stands", "state", "session"):
        values["because"] = _because(step)
        if values.get("last"):
            values["because"] += "; " + _("last notification: {last}").format(**values)
    if values.get("age"):
        values["age"] = span(float(values["age"]))
    text = _texts().get((step.step, step.reason)) or _texts().get(("", step.reason), step.reason)
    return text.format_map(_Known(values))


class _Known(dict[str, str]):
    """Values by name; one that was not told is left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return "?"


def short(about: str) -> str:
    """A link's key without its WireGuard key, which nobody reads."""
    return "/".join(about.split("/")[1:3]) if about.startswith("wireguard/") else about


def _because(step: Checked) -> str:
    kinds = [known for known in _KINDS if known == step.value("kind")]
    kind: LinkKind = kinds[0] if kinds else "wireguard"
    state: LinkState = "up"
    said = Said(state, step.value("said"), step.value("detail"))
    name = step.value("name")
    text = because(Link(kind, "", (), said))
    return f"{kind_text(kind)} {name}: {text}" if name else f"{kind_text(kind)}: {text}"


def _texts() -> dict[tuple[str, str], str]:
    return {**_of_ends(), **_of_pings(), **_of_routes()}


def _of_ends() -> dict[tuple[str, str], str]:
    return {
        ("router", "answers"): _("{about} answers"),
        ("router", "silent"): _("{about} does not answer: {why}"),
        ("router", "clock"): _("{about}'s clock is off by {seconds} s"),
        ("router", "gone"): _("there is no such link any more"),
        ("settings", "alike"): _("both ends are set to meet"),
        ("settings", "one-end"): _("only one end is in sight"),
        ("settings", "mtus-differ"): _("the two ends have different MTU: {sizes}"),
        ("settings", "disabled"): _("switched off on {about} ({interface})"),
        ("settings", "keys"): _("the keys of {one} and {other} do not belong together"),
        ("settings", "endpoint"): _("{about} looks for it at {endpoint}; it is at {wanted}"),
        ("handshake", "stands"): "{because}",
        ("handshake", "state"): "{because}",
        ("handshake", "filtered"): _(
            "no handshake, though both ends are set alike and pings pass: "
            "UDP {ports} is lost on the way"
        ),
        ("handshake", "one-way"): _("packets pass one way only: filter or NAT, UDP {ports}"),
        ("handshake", "unheard"): _("no handshake, and the other end can't be looked at"),
        ("routing", "no-session"): _("no session of a routing protocol rides on it"),
        ("routing", "session"): "{because}",
    }


def _of_pings() -> dict[tuple[str, str], str]:
    lost = _("{received} of {sent} packets came back from {address}, {ms} ms")
    return {
        ("", "replies"): _("{address} replies: {ms} ms, {lost}% lost"),
        ("", "host"): _("{address} replies: {ms} ms"),
        ("", "loses"): lost,
        ("", "no-answer"): _("{address} does not reply ({status})"),
        ("", "not-asked"): _("can't be asked of {about}: {why}"),
        ("underlay", "no-endpoint"): _("{about} has no endpoint: only the other side can begin"),
        ("underlay", "mute"): _("{address} does not reply to pings, but the link stands"),
        ("underlay", "dark"): _("{far} is silent, and so is its address {address}"),
        ("underlay", "from-here"): _("{who} reaches {address}, {about} does not"),
        ("underlay", "alive"): _("{far} is there, for {link} stands; {about} does not reach it"),
        ("underlay", "own-line"): _(
            "{about} reaches nobody outside: neither {address} nor {others}"
        ),
        ("underlay", "behind-gateway"): _(
            "{far} is silent, and so is {address}; the gateway before it, {gateway}, replies"
        ),
        ("underlay", "gateway-dark"): _(
            "{far} and {address} are silent, and so is {gateway}, the gateway that it had pinged"
        ),
        ("tunnel", "mute"): _("{address} does not reply to pings, but sessions pass"),
        ("tunnel", "no-addresses"): _("no addresses within it to ping"),
        ("size", "whole"): _("packets of {size} bytes pass whole"),
        ("size", "narrow"): _("at most {size} bytes pass whole; the MTU is {mtu}"),
        ("size", "narrow-way"): _("packets of {size} bytes do not pass whole"),
        ("size", "none-passes"): _("none passes whole, not even {size} bytes"),
        ("beyond", "host-silent"): _("the host {address} does not reply; others do"),
    }


def _of_routes() -> dict[tuple[str, str], str]:
    return {
        ("route", "arrived"): _("to {address}: {way}"),
        ("route", "no-route"): _("{at} has no route to {address}, though it is announced"),
        ("route", "not-announced"): _("{at} has no route to {address}: nobody announces it"),
        ("route", "blackhole"): _("{at} throws packets to {address} away (blackhole)"),
        ("route", "loop"): _("packets to {address} go in a circle at {at}: {way}"),
        ("route", "too-long"): _("the way to {address} does not end: {way}"),
        ("route", "leaves"): _("packets to {address} leave our routers at {at}, to {gateway}"),
        ("route", "silent"): _("the way to {address} is not known from {at} on: {why}"),
        ("route", "no-home"): _("no inside address is known of {about}"),
        ("route", "two-origins"): _("{prefix} is announced by more than one: {origins}"),
    }


def advice(step: Checked) -> str:
    """What to try about a step that is broken; empty where nothing can be said."""
    found = _advice()
    text = found.get((step.step, step.reason)) or found.get((step.step, ""), "")
    return text.format_map(_Known({**dict(step.values), "about": short(step.about)}))


def _advice() -> dict[tuple[str, str], str]:
    return {
        ("router", "clock"): _(
            "set its clock, let NTP reach a server: handshakes with old times are refused"
        ),
        ("router", "silent"): _("is there power? Does its address or the API service differ?"),
        ("settings", "disabled"): _("enable it, if nobody switched it off on purpose"),
        ("settings", "keys"): _("copy each interface's public key to the other's peer again"),
        ("settings", "endpoint"): _("set endpoint-address of that peer to {wanted}"),
        ("underlay", "dark"): _("power and line of that building: ask somebody there"),
        ("underlay", "from-here"): _("traceroute to {address} from {about}; ask its provider"),
        ("underlay", "alive"): _("traceroute to {address} from {about}; ask both providers"),
        ("underlay", "own-line"): _("the line of {about}: cable, provider, default route"),
        ("underlay", "behind-gateway"): _(
            "has {far} power, is its cable in? Else the last stretch behind {gateway}"
        ),
        ("underlay", "gateway-dark"): _("the provider of that building: its line is down"),
        ("underlay", "no-answer"): _("traceroute to {address}; ask the provider of either end"),
        ("underlay", "loses"): _("tell the provider; until then raise the cost of this link"),
        ("handshake", "filtered"): _("firewalls on the way; try another listen port at both ends"),
        ("handshake", "one-way"): _("firewalls and NAT on the way; a keepalive at both ends"),
        ("handshake", "unheard"): _("key, endpoint and firewall of the other side: ask its owner"),
        ("handshake", "state"): _("compare secrets, users and proposals of both ends"),
        ("tunnel", "no-answer"): _("it may have died a moment ago: look again in three minutes"),
        ("tunnel", "loses"): _("tell the provider; until then raise the cost of this link"),
        ("size", "narrow"): _("set the MTU of both ends to {size}, or mend the path"),
        ("size", "narrow-way"): _("diagnose the links on the way for their MTU"),
        ("routing", "session"): _("AS numbers, addresses and filters; is it enabled at both ends?"),
        ("route", "not-announced"): _("is its network in the address list that is announced?"),
        ("route", "no-route"): _("filters of the sessions between here and there"),
        ("route", "two-origins"): _("take back the announcement of the site where it is not"),
        ("route", "loop"): _("static routes, and redistribution between protocols"),
        ("route", ""): _("look at the routes of {at}"),
        ("beyond", ""): _("firewall of the far router, and the hosts behind it"),
    }


def verdict(diagnosis: Diagnosis) -> tuple[str, Role]:
    """The result in a sentence."""
    if not diagnosis.done:
        return _("asking the routers ..."), "dim"
    broken = diagnosis.broken
    if broken is None:
        if any(step.verdict == "unknown" for step in diagnosis.steps):
            return _("nothing is broken that could be looked at"), "warn"
        return _("nothing is broken"), "good"
    layers = _(" or ").join(layer_text(layer) for layer in broken.layers)
    return _("broken: {layer}").format(layer=layers), "bad"


def lines(diagnosis: Diagnosis) -> list[str]:
    """All of it as text, for the clipboard and for pipes."""
    found = [_("diagnosis of {name}").format(name=diagnosis.title)]
    found += [
        f"{SIGNS[step.verdict]} {step_text(step.step)}: {told(step)} ({step.took:.1f}s)"
        for step in diagnosis.steps
    ]
    found.append(verdict(diagnosis)[0])
    broken = diagnosis.broken
    if broken is not None and (text := advice(broken)):
        found.append(_("try: {advice}").format(advice=text))
    return found
