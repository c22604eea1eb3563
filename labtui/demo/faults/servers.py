"""Faults of a server's process and of its connections, the same for nodes, routers and NetBox."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from labtui.demo.certificates import Authority, Issued
from labtui.demo.faults.fault import Change, Fault, Options
from labtui.demo.listeners import Mode

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

_KINDS = ("authority", "name", "expired", "renewed")


def _every(lab: RunningLab) -> list[str]:
    return lab.servers


def _secure(lab: RunningLab) -> list[str]:
    """Those that speak TLS; a lab without sockets has no certificates."""
    return list(lab.certificates)


def _treating(name: str, mode: Mode, says: str) -> Fault:
    def begin(lab: RunningLab, target: str, _: Options) -> None:
        lab.treat(target, name, mode)

    return Fault(name, "server", "server", says, _every, begin, _ending(name))


def _ending(name: str) -> Change:
    def end(lab: RunningLab, target: str, _: Options) -> None:
        lab.treat(target, name, None)

    return end


def _slow(lab: RunningLab, target: str, options: Options) -> None:
    seconds = float(options["seconds"])
    if not 0 < seconds <= 600:
        raise ValueError("seconds must lie between 0 and 600")
    lab.treat(target, "server-slow", Mode.SLOW, seconds)


def _show_another(lab: RunningLab, target: str, options: Options) -> None:
    authority, kind = lab.authority, str(options["kind"])
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}")
    if authority is None or target not in lab.certificates:
        raise KeyError(f"{target} has no certificate")
    lab.certificates[target].show(_other(authority, target, kind))
    _told(lab, target, own=kind in ("expired", "renewed"))


def _other(authority: Authority, name: str, kind: str) -> Issued:
    if kind == "authority":
        return Authority(authority.directory, stranger=True).issue(name)
    if kind == "name":
        return authority.issue(f"other-{name}.example", local=False)
    if kind == "expired":
        return authority.issue(name, lifetime=datetime.timedelta(days=-1))
    return authority.issue(name)


def _show_own(lab: RunningLab, target: str, _: Options) -> None:
    if target in lab.certificates:
        lab.certificates[target].show(None)
        _told(lab, target, own=True)


def _told(lab: RunningLab, target: str, *, own: bool) -> None:
    """A node tells its own fingerprint; what somebody else shows in its place it does not know."""
    if own and target in lab.site.fingerprints:
        lab.site.fingerprints[target] = lab.certificates[target].fingerprint
    for front in lab.fronts.get(target, ()):
        front.drop()


SERVER_FAULTS: tuple[Fault, ...] = (
    _treating("server-refuse", Mode.REFUSE, "the process has ended: connections are refused"),
    _treating("server-hang", Mode.HANG, "connections are taken and nothing is ever answered"),
    _treating("server-blackhole", Mode.BLACKHOLE, "packets vanish: connecting takes for ever"),
    _treating("server-reset", Mode.RESET, "connections are reset, open ones too"),
    Fault(
        "server-slow",
        "server",
        "server",
        "each piece of an answer comes late",
        _every,
        _slow,
        _ending("server-slow"),
        {"seconds": 1.5},
    ),
    _treating("server-drip", Mode.DRIP, "answers come a few bytes at a time"),
    _treating("server-truncate", Mode.TRUNCATE, "answers end in the middle"),
    _treating("server-rubbish", Mode.RUBBISH, "answers are no protocol at all"),
    Fault(
        "server-certificate",
        "server",
        "server",
        "another certificate is shown: of another authority, for another name, expired, renewed",
        _secure,
        _show_another,
        _show_own,
        {"kind": "authority"},
    ),
)
