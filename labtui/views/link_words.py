"""Words for the links of the overlay: kinds, states, reasons, layers, what routers told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.locale import _

if TYPE_CHECKING:
    from labtui.model.links import Layer, Link, LinkKind, LinkState


def kind_text(kind: LinkKind) -> str:
    """The protocol's own name."""
    return {
        "wireguard": "WireGuard",
        "l2tp": "L2TP",
        "ipsec": "IPsec",
        "vxlan": "VXLAN",
        "ospf": "OSPF",
        "bgp": "BGP",
    }[kind]


def state_text(state: LinkState) -> str:
    """What a state is called; those that need somebody are in capitals."""
    return {
        "up": _("up"),
        "degraded": _("degraded"),
        "down": _("DOWN"),
        "one-way": _("ONE-WAY"),
        "never": _("never up"),
        "idle": _("idle"),
        "off": _("off"),
        "unknown": _("unknown"),
    }[state]


def layer_text(layer: Layer) -> str:
    """How one layer fares."""
    return {
        "good": _("good"),
        "bad": _("broken"),
        "unknown": _("cannot be told from here"),
        "none": _("none"),
    }[layer]


def because(link: Link) -> str:
    """The reason of a link's verdict in words."""
    said = link.said
    text = _general(said.reason) or _of_kind(link, said.reason) or said.reason
    return text.format(detail=said.detail)


def _general(reason: str) -> str:
    return {
        "disabled": _("switched off at one end or both"),
        "stale": _("this router has not answered lately"),
        "mtu": _("the two ends have different MTU: {detail}"),
        "no-receive": _("we send, nothing arrives: filter or NAT on the way"),
        "no-send": _("it arrives, nothing is sent back"),
    }.get(reason, "")


def _of_kind(link: Link, reason: str) -> str:
    words = {
        "wireguard": _wireguard,
        "l2tp": _calls,
        "ipsec": _ipsec,
        "vxlan": _vxlan,
        "ospf": _ospf,
        "bgp": _bgp,
    }[link.kind]
    return words().get(reason, "")


def _wireguard() -> dict[str, str]:
    return {
        "never": _("no handshake yet: key, endpoint, firewall, or the other side is off"),
        "nobody": _("neither end begins: both wait for the other, or know no endpoint of it"),
        "waits": _("has not connected yet; it has no endpoint, so only it can begin"),
        "routing": _("it carries BGP or OSPF: a handshake this old means that nothing passes"),
        "keepalive": _("keepalives are set, so a handshake this old means that nothing passes"),
        "knocking": _("we send and nothing comes back"),
        "idle": _("nothing to send: a ping would force a handshake"),
        "handshake": _("recent handshake"),
    }


def _calls() -> dict[str, str]:
    return {
        "connected": _("the call stands"),
        "no-caller": _("the caller says connected, the called has nobody"),
        "no-keys": _("the keys (IPsec) are not there, so the call cannot begin: {detail}"),
        "refused": _("the keys are there; the called refuses user or password: {detail}"),
        "calling": _("calls and gets no answer: {detail}"),
    }


def _ipsec() -> dict[str, str]:
    return {
        "keyed": _("phase 1 and phase 2 are established"),
        "half-keys": _("one end has keys that the other does not know any more"),
        "phase1-none": _("phase 1 has not begun: nothing needs it, or the peer is off"),
        "phase1-silent": _("phase 1: nobody answers (UDP 500 and 4500, address)"),
        "phase1-refused": _("phase 1: it answers and does not agree ({detail}): secret, proposal"),
        "phase2": _("phase 1 stands, phase 2 does not ({detail}): policies, proposal"),
        "phase2-some": _("phase 2 of some policies does not stand ({detail})"),
    }


def _vxlan() -> dict[str, str]:
    return {
        "traffic": _("frames arrive"),
        "stateless": _("nothing to judge by: a VXLAN without traffic says nothing"),
        "not-running": _("the interface does not run at one end"),
        "not-listed": _("{detail} does not list this end among its far ends"),
    }


def _ospf() -> dict[str, str]:
    return {
        "full": _("Full"),
        "others": _("2-Way, as between two routers that are not designated"),
        "areas": _("the two ends are in different areas: {detail}"),
        "no-interface": _("the interface {detail} that OSPF should run on is not there"),
        "no-neighbour": _("no neighbour where one should be: hellos do not arrive"),
        "two-way": _("stays in {detail}, which is not enough on a point-to-point link"),
        "init": _("{detail}: their hellos arrive, ours do not"),
        "exchange": _("stuck in {detail}: mostly a different MTU at the two ends"),
        "loading": _("still in {detail}"),
        "fell": _("the neighbour is {detail}"),
    }


def _bgp() -> dict[str, str]:
    return {
        "established": _("established"),
        "empty": _("established, and brings no prefix"),
        "down": _("the session is down {detail}"),
        "no-session": _("configured, but there is no session: the other side was never reached"),
        "limit": _("over its limit of prefixes"),
        "stopped": _("stopped by hand"),
    }


def told_text(field: str) -> str:
    """The label of what a router told of its end."""
    return {
        "peer": _("peer"),
        "key": _("peer's key"),
        "port": _("port"),
        "keepalive": _("keepalive"),
        "allowed": _("allowed"),
        "role": _("role"),
        "user": _("user"),
        "status": _("status"),
        "remote": _("far address"),
        "phase1": _("phase 1"),
        "phase2": _("phase 2"),
        "side": _("side"),
        "vni": _("VNI"),
        "ospf-state": _("state"),
        "area": _("area"),
        "network": _("network type"),
        "changes": _("state changes"),
        "connection": _("connection"),
        "as": _("AS"),
        "peer-as": _("peer's AS"),
        "prefixes": _("prefixes"),
        "filter": _("output filter"),
        "about": _("the router says"),
        "last": _("last notification"),
    }.get(field, field)
