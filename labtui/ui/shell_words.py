"""What is said of shells and consoles: above them, and after them."""

from __future__ import annotations

from labtui.locale import N_, _
from labtui.model.entry import Place, Way
from labtui.ui.shell_child import Ended
from labtui.ui.shell_sitting import Sitting
from labtui.views.view import Role

FAILED = 255
"""What ssh itself ends with when it failed; every other status is the remote command's."""
ORIGINS = {
    "config": N_("configuration"),
    "agent": N_("agent"),
    "cluster": N_("cluster"),
    "router": N_("where its API is"),
    "netbox": N_("NetBox"),
}


def origin_of(way: Way) -> str:
    """Who said so: `agent, eth0`."""
    text = _(ORIGINS[way.origin])
    return f"{text}, {way.note}" if way.note else text


def wanted(place: Place) -> str:
    """What is said while its address is looked for.

    Who is away for the cluster may be cut off from it alone, so a shell there is tried.
    """
    if place.away:
        text = _("{node} is away for the cluster; SSH to {label} is tried all the same")
        return text.format(node=place.node or place.name, label=place.label)
    return _("where is {label}?").format(label=place.label)


def heading(place: Place, way: Way, missing: tuple[str, ...]) -> str:
    """What stands above a shell: where it goes and by whose word."""
    text = _("labtui: ssh to {label}: {way} ({origin})")
    line = text.format(label=place.label, way=way, origin=origin_of(way))
    doubts = (wanted(place),) if place.away else ()
    return "; ".join((line, *doubts, *missing))


def console_head(place: Place, key: str) -> str:
    """What stands above a console: what it is and how to leave it."""
    name = key.replace("ctrl+", "Ctrl+")
    if place.kind == "node":
        text = _("labtui: console of node {label}. {key} leaves it.")
    else:
        text = _(
            "labtui: console of {label} on {node}. {key} leaves it; Enter when nothing is shown. "
            "It ends when the guest is moved: v opens it anew."
        )
    return text.format(label=place.label, node=place.node, key=name)


def sat_how(sitting: Sitting, label: str) -> tuple[str, Role]:
    """What became of a console, in a sentence, and the role of that."""
    if sitting.how == "lost" and sitting.problem is not None:
        text = _("the console of {label} broke off: {why}")
        return text.format(label=label, why=sitting.problem.sentence), "bad"
    if sitting.how == "ended":
        text = _("the console of {label} was ended over there; its last line: {line}")
        return text.format(label=label, line=sitting.tail or "-"), "warn"
    return _("left the console of {label}").format(label=label), "good"


def ended_how(ended: Ended, label: str) -> tuple[str, bool]:
    """What became of a shell, in a sentence, and whether it was well."""
    status = ended.status
    if status == FAILED:
        text = _("ssh to {label} failed: {why}")
        return text.format(label=label, why=ended.said or _("it did not say why")), False
    if status < 0:
        text = _("the shell on {label} was ended by signal {number}")
        return text.format(label=label, number=-status), False
    if status:
        text = _("back from {label}; the last command there ended with {status}")
        return text.format(label=label, status=status), True
    return _("back from {label}").format(label=label), True
