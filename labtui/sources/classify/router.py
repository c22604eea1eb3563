"""Traps and fatal words of RouterOS: by category first, then by how the text begins.

A trap has a category only sometimes. The number in a text, `(6)` or `(9)`, is no category.
"""

from __future__ import annotations

from labtui.locale import N_, _
from labtui.model.errors import ProblemKind
from labtui.model.text import clean
from labtui.sources.classify.verdict import Verdict

MISSING, ARGUMENT, INTERRUPTED, SCRIPT, GENERAL, API, TTY, RETURNED = range(8)

_ACCOUNT = N_("check user and password, and that the user's group has the policy api")
_POLICY = N_("give the user's group the policy that the command needs")
_OLDER = N_("the router's version may not know it")
_FULL = N_("close other sessions; /ip/service has max-sessions")

# (sign, kind, what helps, how the text begins); the first that fits decides.
_TEXTS: tuple[tuple[str, ProblemKind, str, tuple[str, ...]], ...] = (
    (
        "credential",
        "refused",
        _ACCOUNT,
        (
            "invalid user name or password",
            "cannot log in",
            "could not authenticate",
            "not logged in",
            "too many commands before login",
        ),
    ),
    (
        "right",
        "forbidden",
        _POLICY,
        ("not enough permissions", "access denied", "not permitted"),
    ),
    (
        "argument",
        "rejected",
        _OLDER,
        ("unknown parameter", "invalid value", "input does not match", "ambiguous value"),
    ),
    ("absent", "not-found", "", ("no such item", "no such command", "no such directory")),
    ("sessions", "rejected", _FULL, ("max session", "too many sessions")),
    ("duplicate", "rejected", "", ("failure: already have", "already have such")),
)
_CATEGORIES: dict[int, tuple[str, ProblemKind]] = {
    MISSING: ("absent", "not-found"),
    ARGUMENT: ("argument", "rejected"),
    INTERRUPTED: ("interrupted", "rejected"),
    SCRIPT: ("script", "rejected"),
    GENERAL: ("general", "rejected"),
    API: ("api", "rejected"),
    TTY: ("tty", "rejected"),
    RETURNED: ("returned", "rejected"),
}


def of_trap(category: int | None, message: str) -> Verdict:
    """The verdict on one `!trap`; `category` is None when the router sent none."""
    why = clean(message) or _("the router gave no reason")
    text = message.lower()
    for sign, kind, remedy, beginnings in _TEXTS:
        if text.startswith(beginnings):
            return Verdict(kind, sign, why, _(remedy) if remedy else "")
    if category is not None and category in _CATEGORIES:
        sign, kind = _CATEGORIES[category]
        return Verdict(kind, sign, why)
    return Verdict("rejected", "interrupted" if text == "interrupted" else "general", why)


def of_fatal(reason: str) -> Verdict:
    """The verdict on `!fatal`: the router ends the connection, and says why in bare words."""
    text = reason.lower()
    for sign, kind, remedy, beginnings in _TEXTS:
        if kind == "refused" and text.startswith(beginnings):
            return Verdict(kind, sign, clean(reason), _(remedy))
    return Verdict("unreachable", "ended", clean(reason) or _("it gave no reason"))
