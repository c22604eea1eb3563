"""A verdict on a failure, before anybody said what was tried: kind, sign, why, what helps."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.errors import (
    Forbidden,
    HostKeyFailed,
    LabError,
    NotFound,
    OutcomeUnknown,
    ProblemKind,
    Refused,
    Rejected,
    TimedOut,
    TlsFailed,
    Unexpected,
    Unreachable,
)

Backend = Literal["proxmox", "routeros", "netbox", "ssh"]

_ERRORS: dict[ProblemKind, type[LabError]] = {
    "unreachable": Unreachable,
    "timed-out": TimedOut,
    "tls": TlsFailed,
    "host-key": HostKeyFailed,
    "refused": Refused,
    "forbidden": Forbidden,
    "not-found": NotFound,
    "rejected": Rejected,
    "unexpected": Unexpected,
    "outcome-unknown": OutcomeUnknown,
}


class Verdict(msgspec.Struct, frozen=True):
    """What a failure is.

    `kind` is one of the tree in `labtui.model.errors`, `sign` the finer word for it that code may
    ask for (`refused`, `reset`, `expired`), `why` and `remedy` what a person reads.
    """

    kind: ProblemKind
    sign: str
    why: str
    remedy: str = ""

    def error(self, what: str, where: str) -> LabError:
        """The exception: `what` was tried, `where`."""
        return _ERRORS[self.kind](what, where=where, why=self.why, remedy=self.remedy)
