"""Exceptions on the way to a server, of whatever library: names, routes, limits, connections lost.

Classes of requests, urllib3 and http.client are known by their names, so that none of them is
loaded to look at an error of another.
"""

from __future__ import annotations

import errno
import http.client
import socket
from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.sources.classify.verdict import Backend, Verdict

_LOST = N_("connection lost")
_CHECK_NAME = N_("check the name, or give the address")
_OUR_NETWORK = N_("look at this machine's own network")

# errno -> (sign, why, what helps)
_ERRNO: dict[int, tuple[str, str, str]] = {
    errno.ECONNREFUSED: ("refused", N_("connection refused"), ""),
    errno.EHOSTUNREACH: ("no-route", N_("no route to host"), ""),
    errno.EHOSTDOWN: ("no-route", N_("the host is down"), ""),
    errno.ENETUNREACH: ("no-route", N_("no route to the network"), _OUR_NETWORK),
    errno.ENETDOWN: ("no-route", N_("the network is down"), _OUR_NETWORK),
    errno.EADDRNOTAVAIL: ("no-route", N_("no address of this machine will do"), _OUR_NETWORK),
    errno.EACCES: ("not-let-out", N_("this machine does not let it out"), _OUR_NETWORK),
    errno.EPERM: ("not-let-out", N_("this machine does not let it out"), _OUR_NETWORK),
    errno.EMFILE: ("no-handles", N_("too many connections are open here"), ""),
    errno.ENFILE: ("no-handles", N_("too many connections are open here"), ""),
    errno.ECONNRESET: ("reset", _LOST, ""),
    errno.EPIPE: ("reset", _LOST, ""),
    errno.ECONNABORTED: ("reset", _LOST, ""),
}
# What a refused connection usually means, by backend.
_REFUSED: dict[Backend, str] = {
    "proxmox": N_("is pveproxy running, and is this its port (8006)?"),
    "routeros": N_("enable api or api-ssl in /ip/service, and check the port"),
    "netbox": N_("is the web server running, and is this its port?"),
    "ssh": N_("is sshd running, and is this its port?"),
}
_LATE: dict[Backend, str] = {
    "routeros": N_("is the router up, and may this machine reach the port?"),
    "ssh": N_("is the host up, and may this machine reach the port?"),
}
_GARBLED = frozenset(
    ("BadStatusLine", "IncompleteRead", "LineTooLong", "HTTPException", "DecodeError")
)
_TIMEOUTS = frozenset(("Timeout", "ConnectTimeout", "ReadTimeout", "ReadTimeoutError"))


def of_exception(chain: Sequence[BaseException], backend: Backend) -> Verdict | None:
    """The verdict on an exception and all it wraps, TLS and SSH aside; None for an unknown one."""
    if any(isinstance(link, TimeoutError) or _is(link, _TIMEOUTS) for link in chain):
        return late(backend)
    for link in chain:
        if isinstance(link, socket.gaierror):
            return Verdict("unreachable", "name", _("name not known"), _(_CHECK_NAME))
        if isinstance(link, OSError) and link.errno == errno.ETIMEDOUT:
            return late(backend)
        if isinstance(link, OSError) and link.errno in _ERRNO:
            sign, why, remedy = _ERRNO[link.errno]
            helps = _REFUSED[backend] if sign == "refused" else remedy
            return Verdict("unreachable", sign, _(why), _(helps) if helps else "")
    if any(isinstance(link, http.client.RemoteDisconnected) for link in chain):
        why = _("the connection was closed without an answer")
        return Verdict("unreachable", "reset", why)
    if any(_is(link, _GARBLED) for link in chain):
        return Verdict("unexpected", "garbled", _("the answer is broken off or is no HTTP"))
    if any(isinstance(link, UnicodeError) for link in chain):
        return Verdict("unexpected", "undecodable", _("the answer cannot be read"))
    if any(isinstance(link, EOFError | ConnectionError) for link in chain):
        return Verdict("unreachable", "reset", _(_LOST))
    return None


def late(backend: Backend) -> Verdict:
    """The verdict on an answer that did not come in time."""
    remedy = _LATE.get(backend, "")
    return Verdict("timed-out", "late", _("no answer in time"), _(remedy) if remedy else "")


def _is(link: BaseException, names: frozenset[str]) -> bool:
    return any(each.__name__ in names for each in type(link).__mro__)
