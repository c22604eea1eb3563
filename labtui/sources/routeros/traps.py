"""What a router's no means: traps and fatal words as errors of the model. Pure.

A trap has a category only sometimes, and one command can give several. The number in a text,
`(6)` or `(9)`, is no category.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labtui.locale import _
from labtui.model.errors import Forbidden, LabError, NotFound, Refused, Rejected, Unreachable
from labtui.model.text import clean

MISSING, INTERRUPTED = 0, 2

_CREDENTIALS = (
    "invalid user name or password",
    "cannot log in",
    "could not authenticate",
    "not logged in",
    "too many commands before login",
)
_PERMISSION = ("not enough permissions", "access denied", "not permitted")
_ABSENT = ("no such item", "no such command", "no such directory")
_ARGUMENT = ("unknown parameter", "invalid value", "input does not match")


@dataclass(frozen=True)
class Trap:
    """One `!trap`: its category (None when absent) and text."""

    category: int | None
    message: str

    @property
    def interrupted(self) -> bool:
        """True for the normal end of a cancelled command."""
        return self.category == INTERRUPTED or self.message == "interrupted"


def trap_of(words: dict[str, str]) -> Trap:
    """The trap in the attribute words of a `!trap`; every word may be absent."""
    category = words.get("category", "")
    known = int(category) if re.fullmatch("[0-9]{1,4}", category) else None
    return Trap(known, words.get("message", ""))


def error_of(traps: list[Trap], command: str, where: str) -> LabError:
    """The one error for all traps of a command.

    The first that says more than "interrupted" decides its kind; the text has them all.
    """
    telling = [trap for trap in traps if not trap.interrupted] or traps
    why = "; ".join(clean(trap.message) for trap in telling if trap.message)
    why = why or _("the router gave no reason")
    what = _("{command} was refused").format(command=clean(command))
    decisive = telling[0]
    text = decisive.message.lower()
    if _starts(text, _CREDENTIALS):
        return credentials(where, why)
    if _starts(text, _PERMISSION):
        return Forbidden(
            _("not permitted: {command}").format(command=clean(command)),
            where=where,
            why=why,
            remedy=_("give the user's group the policy that the command needs"),
            path=clean(command),
        )
    absent = decisive.category == MISSING and not _starts(text, _ARGUMENT)
    if absent or _starts(text, _ABSENT):
        what = _("{command}: not there").format(command=clean(command))
        return NotFound(what, where=where, why=why)
    return Rejected(what, where=where, why=why)


def fatal(reason: str, where: str) -> LabError:
    """The error for `!fatal`; its reason is a bare word, if there is one."""
    if _starts(reason.lower(), _CREDENTIALS):
        return credentials(where, clean(reason))
    return Unreachable(
        _("the router ended the connection"),
        where=where,
        why=clean(reason) or _("it gave no reason"),
    )


def credentials(where: str, why: str) -> Refused:
    """The error for user and password that are not accepted."""
    return Refused(
        _("login refused"),
        where=where,
        why=why,
        remedy=_("check user and password, and that the user's group has the policy api"),
    )


def _starts(text: str, beginnings: tuple[str, ...]) -> bool:
    return any(text.startswith(beginning) for beginning in beginnings)
