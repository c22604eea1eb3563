"""Every way in which the demo lab can break, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from labtui.demo.faults.accounts import ACCOUNT_FAULTS
from labtui.demo.faults.cluster import CLUSTER_FAULTS
from labtui.demo.faults.fault import Fault, Value
from labtui.demo.faults.guests import GUEST_FAULTS
from labtui.demo.faults.netbox import NETBOX_FAULTS
from labtui.demo.faults.nodes import NODE_FAULTS
from labtui.demo.faults.overlay import OVERLAY_FAULTS
from labtui.demo.faults.servers import SERVER_FAULTS
from labtui.demo.faults.ssh import SSH_FAULTS

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

FAULTS: tuple[Fault, ...] = (
    *SERVER_FAULTS,
    *ACCOUNT_FAULTS,
    *OVERLAY_FAULTS,
    *CLUSTER_FAULTS,
    *NODE_FAULTS,
    *GUEST_FAULTS,
    *NETBOX_FAULTS,
    *SSH_FAULTS,
)

_BY_NAME = {fault.name: fault for fault in FAULTS}
_YES = {"true": True, "yes": True, "on": True, "1": True}
_NO = {"false": False, "no": False, "off": False, "0": False}
_TRUTH = _YES | _NO
_NAMED_AT_MOST = 12


def fault_named(name: str) -> Fault:
    """The fault of that name. KeyError with a sentence for an unknown one."""
    fault = _BY_NAME.get(name)
    if fault is None:
        raise KeyError(f"there is no fault {name!r}{_nearest(name, _BY_NAME)}")
    return fault


def chosen_target(fault: Fault, lab: RunningLab, target: str) -> str:
    """The target, or the only one there is when none is named. KeyError with a sentence."""
    targets = fault.targets(lab)
    for name in (target, *_other_names(lab, target)):
        if name in targets:
            return name
    if not target and len(targets) == 1:
        return targets[0]
    if not targets:
        raise KeyError(f"{fault.name} has nothing to strike in this lab")
    if target:
        raise KeyError(f"{fault.name} has no target {target!r}{_nearest(target, targets)}")
    more = ", ..." if len(targets) > _NAMED_AT_MOST else ""
    named = ", ".join(targets[:_NAMED_AT_MOST]) + more
    raise KeyError(f"{fault.name} needs a target: one of {named}")


def chosen_options(fault: Fault, given: Mapping[str, Value]) -> dict[str, Value]:
    """All options of a fault with their values. ValueError with a sentence for a wrong one."""
    for name in given:
        if name not in fault.options:
            if not fault.options:
                raise ValueError(f"{fault.name} has no options")
            raise ValueError(f"{fault.name} has no option {name!r}{_nearest(name, fault.options)}")
    return {
        name: _cast(fault, name, given[name], default) if name in given else default
        for name, default in fault.options.items()
    }


def saying(fault: Fault) -> str:
    """What a fault does, without a capital and a full stop, as a table shows it."""
    text = fault.says.removesuffix(".")
    first = text.split(" ", 1)[0]
    # NetBox and HA keep their capitals.
    return text[0].lower() + text[1:] if first[1:] == first[1:].lower() else text


def described(fault: Fault, lab: RunningLab | None = None) -> dict[str, Any]:
    """A fault for the control listener; its targets are known only with a lab."""
    told: dict[str, Any] = {
        "name": fault.name,
        "layer": fault.layer,
        "noun": fault.noun,
        "says": saying(fault),
        "options": dict(fault.options),
    }
    if lab is not None:
        told["targets"] = fault.targets(lab)
    return told


def _cast(fault: Fault, name: str, value: Value, default: Value) -> Value:
    """A value in the type of its default; texts are read, as they come from a command line."""
    wanted = type(default)
    text = str(value).strip()
    try:
        if wanted is bool:
            return value if isinstance(value, bool) else _TRUTH[text.lower()]
        if wanted is str:
            return text
        # Neither "nan" nor "inf" is a number of anything here.
        return int(text) if wanted is int else _finite(float(text))
    except (KeyError, ValueError):
        words = {bool: "true or false", int: "a whole number", float: "a number"}
        raise ValueError(
            f"{name} of {fault.name} must be {words.get(wanted, 'a text')}, not {text!r}"
        ) from None


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _other_names(lab: RunningLab, target: str) -> list[str]:
    """A guest's name for its number and the other way round; faults know them by either."""
    guests = lab.cluster.state.guests.values()
    return [
        other
        for guest in guests
        for one, other in ((guest.name, str(guest.vmid)), (str(guest.vmid), guest.name))
        if one == target
    ]


def _nearest(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean {found[0]}?" if found else ""
