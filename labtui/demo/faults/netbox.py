"""Faults of NetBox: the server is unwell, its token may less, its records do not tell the truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.netbox import untruths
from labtui.demo.netbox.drift import Drift
from labtui.demo.netbox.handle import RateLimit
from labtui.demo.netbox.troubles import ANSWERS

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

SERVER = "netbox"


def _server(_lab: RunningLab) -> list[str]:
    return [SERVER]


def _guests(lab: RunningLab) -> list[str]:
    return [guest.name for guest in lab.lab.guests if not guest.template]


def _sites(lab: RunningLab) -> list[str]:
    return [site.name for site in lab.lab.sites]


def _links(lab: RunningLab) -> list[str]:
    return [str(link.number) for link in lab.lab.links]


def _check(target: str) -> None:
    if target != SERVER:
        raise KeyError(f"there is no NetBox {target}; the one there is is called {SERVER}")


def _down(lab: RunningLab, target: str, options: Options) -> None:
    _check(target)
    kind = str(options.get("kind", "maintenance"))
    if kind not in ANSWERS:
        raise ValueError(f"kind must be one of {', '.join(ANSWERS)}")
    lab.netbox.trouble = kind


def _up(lab: RunningLab, target: str, _options: Options) -> None:
    _check(target)
    lab.netbox.trouble = ""


def _slow(lab: RunningLab, target: str, options: Options) -> None:
    _check(target)
    seconds = float(options.get("seconds", 5.0))
    if not 0 < seconds <= 600:
        raise ValueError("seconds must be above 0 and at most 600")
    lab.netbox.delay = seconds


def _fast(lab: RunningLab, target: str, _options: Options) -> None:
    _check(target)
    lab.netbox.delay = 0.0


def _limit(lab: RunningLab, target: str, options: Options) -> None:
    _check(target)
    requests = int(options.get("requests", 10))
    if requests < 0:
        raise ValueError("requests must not be negative")
    limit = lab.netbox.rate_limit
    if limit is None or limit.requests != requests:
        lab.netbox.rate_limit = RateLimit(requests)


def _unlimit(lab: RunningLab, target: str, _options: Options) -> None:
    _check(target)
    lab.netbox.rate_limit = None


def _read_only(lab: RunningLab, target: str, _options: Options) -> None:
    _check(target)
    lab.netbox.read_only = True


def _writable(lab: RunningLab, target: str, _options: Options) -> None:
    _check(target)
    lab.netbox.read_only = False


def _drifting(
    name: str, lab: RunningLab, target: str, options: Options, *, change: Callable[..., None]
) -> None:
    """Begin a drift once; what is left of one that failed half way is taken back."""
    found = Drift(lab.netbox, f"{name} {target}")
    if found.struck:
        return
    try:
        change(found, target, **options)
    except BaseException:
        found.mend()
        raise


def _mended(name: str, lab: RunningLab, target: str, _options: Options) -> None:
    Drift(lab.netbox, f"{name} {target}").mend()


def _drift(
    name: str,
    says: str,
    change: Callable[..., None],
    targets: Callable[[RunningLab], list[str]],
    noun: str,
    options: Options | None = None,
) -> Fault:
    return Fault(
        name,
        "record",
        noun,
        says,
        targets,
        partial(_drifting, name, change=change),
        partial(_mended, name),
        options or {},
    )


def _guest_wrong(found: Drift, guest: str, field: str = "status") -> None:
    untruths.guest_wrong(found, guest, field)


def _surplus(found: Drift, target: str, guest: str = "ghost-01") -> None:
    _check(target)
    untruths.surplus_guest(found, guest)


NETBOX_FAULTS: tuple[Fault, ...] = (
    Fault(
        "netbox-down",
        "server",
        "NetBox",
        "NetBox or the proxy before it answers every request with an error",
        _server,
        _down,
        _up,
        {"kind": "maintenance"},
    ),
    Fault(
        "netbox-slow",
        "server",
        "NetBox",
        "each answer of NetBox comes so many seconds late",
        _server,
        _slow,
        _fast,
        {"seconds": 5.0},
    ),
    Fault(
        "netbox-rate-limited",
        "server",
        "NetBox",
        "more than so many requests in a minute are answered with 429",
        _server,
        _limit,
        _unlimit,
        {"requests": 10},
    ),
    Fault(
        "netbox-token-read-only",
        "account",
        "NetBox",
        "no token may write any more",
        _server,
        _read_only,
        _writable,
    ),
    _drift(
        "netbox-guest-missing",
        "somebody deleted the record of a guest, with its interfaces and addresses",
        untruths.guest_missing,
        _guests,
        "guest",
    ),
    _drift(
        "netbox-guest-wrong",
        f"a field of a guest's record is wrong: {', '.join(untruths.WRONG)}",
        _guest_wrong,
        _guests,
        "guest",
        {"field": "status"},
    ),
    _drift(
        "netbox-address-twice",
        "the address of a guest is assigned to another guest as well",
        untruths.address_twice,
        _guests,
        "guest",
    ),
    _drift(
        "netbox-prefix-missing",
        "the prefix of a site's LAN was deleted",
        untruths.prefix_missing,
        _sites,
        "site",
    ),
    _drift(
        "netbox-asn-wrong",
        "the AS number of a site is another one in NetBox",
        untruths.asn_wrong,
        _sites,
        "site",
    ),
    _drift(
        "netbox-tunnel-missing",
        "the tunnel of a link was deleted",
        untruths.tunnel_missing,
        _links,
        "link",
    ),
    _drift(
        "netbox-surplus-guest",
        "NetBox has a record of a guest that does not exist",
        _surplus,
        _server,
        "NetBox",
        {"guest": "ghost-01"},
    ),
)
