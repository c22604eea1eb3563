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
from labtui.sources.classify import router

INTERRUPTED = router.INTERRUPTED


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
    named = clean(command)
    verdict = router.of_trap(telling[0].category, telling[0].message)
    if verdict.kind == "refused":
        return credentials(where, why)
    if verdict.kind == "forbidden":
        return Forbidden(
            _("not permitted: {command}").format(command=named),
            where=where,
            why=why,
            remedy=verdict.remedy,
            path=named,
        )
    if verdict.kind == "not-found":
        what = _("{command}: not there").format(command=named)
        return NotFound(what, where=where, why=why)
    what = _("{command} was refused").format(command=named)
    return Rejected(what, where=where, why=why, remedy=verdict.remedy)


def fatal(reason: str, where: str) -> LabError:
    """The error for `!fatal`; its reason is a bare word, if there is one."""
    verdict = router.of_fatal(reason)
    if verdict.kind == "refused":
        return credentials(where, verdict.why)
    return Unreachable(_("the router ended the connection"), where=where, why=verdict.why)


def credentials(where: str, why: str) -> Refused:
    """The error for user and password that are not accepted."""
    return Refused(
        _("login refused"),
        where=where,
        why=why,
        remedy=_("check user and password, and that the user's group has the policy api"),
    )
