"""What a status of HTTP means before anybody read the body: one row per status or family."""

from __future__ import annotations

from labtui.locale import N_, _
from labtui.model.errors import ProblemKind
from labtui.sources.classify.verdict import Backend, Verdict

_Row = tuple[ProblemKind, str, str, str]

_OTHER_PLACE = N_("it points to another address")
_POINTED: dict[Backend, str] = {
    "proxmox": N_("give the address of a Proxmox VE node, port 8006"),
    "netbox": N_("give the address it points to as url in the configuration"),
}
_GATEWAY: _Row = (
    "unreachable",
    "gateway",
    N_("a proxy in between answers {status}"),
    N_("give the server's own address"),
)
_FORWARD: dict[int, str] = {
    595: N_("not connected to the node"),
    596: N_("no answer of the node in time, or its certificate is wrong"),
    597: N_("the node's answer broke off"),
    598: N_("the node's answer was given up"),
    599: N_("the node could not be asked"),
}
# (kind, sign, why, what helps); `{status}` is filled in.
_STATUS: dict[int, _Row] = {
    400: ("rejected", "parameter", N_("a parameter is wrong"), ""),
    401: (
        "refused",
        "credential",
        N_("user, password or token not accepted"),
        N_("check the credential, and that it has not expired"),
    ),
    403: ("forbidden", "right", N_("not allowed"), N_("ask for the right to do this")),
    404: ("not-found", "absent", N_("there is nothing"), ""),
    405: (
        "rejected",
        "method",
        N_("this version does not know the call"),
        N_("the server may be older than the console expects"),
    ),
    407: ("refused", "proxy", N_("a proxy in between wants a login of its own"), ""),
    408: ("timed-out", "late", N_("the server gave up waiting for us"), ""),
    409: ("rejected", "conflict", N_("something else stands in the way"), ""),
    412: (
        "rejected",
        "changed",
        N_("somebody else changed it in the meantime"),
        N_("look at it again, then decide"),
    ),
    413: ("rejected", "too-large", N_("the request is too large"), ""),
    429: (
        "rejected",
        "too-many",
        N_("too many requests"),
        N_("labtui asks less often by itself; who else asks so much?"),
    ),
    500: ("rejected", "internal", N_("the server itself failed (500)"), ""),
    501: (
        "rejected",
        "method",
        N_("this version does not know the call"),
        N_("the server may be older than the console expects"),
    ),
    502: _GATEWAY,
    503: _GATEWAY,
    504: _GATEWAY,
}


def of_status(status: int, backend: Backend) -> Verdict:
    """The verdict on an answer with that status; 300 and more, or anything that is no success."""
    if 300 <= status < 400:
        return Verdict("unexpected", "moved", _(_OTHER_PLACE), _pointed_to(backend))
    if status in _FORWARD:
        return Verdict(
            "unreachable", "forward", _(_FORWARD[status]), _("check whether the node is up")
        )
    if status in _STATUS:
        kind, sign, why, remedy = _STATUS[status]
        return Verdict(kind, sign, _(why).format(status=status), _(remedy) if remedy else "")
    why = _("refused with status {status}").format(status=status)
    if 400 <= status < 1000:
        return Verdict("rejected", "status", why)
    return Verdict("unexpected", "no-status", _("the answer is broken off or is no HTTP"))


def _pointed_to(backend: Backend) -> str:
    text = _POINTED.get(backend, "")
    return _(text) if text else ""
