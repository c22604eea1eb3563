"""The tree of errors that a person may see, one sentence each.

    LabError
    ├── Unreachable      no connection: refused, no route, name unknown, connection lost
    ├── TimedOut         connected or connecting, no answer within the limit
    ├── TlsFailed        certificate or fingerprint not what it should be
    ├── HostKeyFailed    an SSH host key that is unknown, or not the known one
    ├── Refused          credentials not accepted
    ├── Forbidden        logged in, the right is missing
    ├── NotFound         the thing is not there
    ├── Rejected         the server understood and said no
    ├── Unexpected       an answer that is none: broken, wrong types, keys missing
    └── OutcomeUnknown   a write was sent and its answer never came

An error says what failed, where, why, and what to do. `Problem` is the same as data, for the
snapshot. Neither ever holds a secret: who raises them takes care of that.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import msgspec

ProblemKind = Literal[
    "unreachable",
    "timed-out",
    "tls",
    "host-key",
    "refused",
    "forbidden",
    "not-found",
    "rejected",
    "unexpected",
    "outcome-unknown",
]


class Problem(msgspec.Struct, frozen=True):
    """A failure as data: what failed, where, why, what to do (each a short sentence or empty)."""

    kind: ProblemKind
    what: str
    where: str
    why: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """What, where and why on one line."""
        head = f"{self.what} ({self.where})" if self.where else self.what
        return f"{head}: {self.why}" if self.why else head


class LabError(Exception):
    """Something in the lab, or on the way to it, failed; all four parts are texts."""

    kind: ClassVar[ProblemKind] = "unexpected"

    def __init__(self, what: str, *, where: str = "", why: str = "", remedy: str = "") -> None:
        super().__init__(what, where, why)
        self.what = what
        self.where = where
        self.why = why
        self.remedy = remedy

    @property
    def problem(self) -> Problem:
        """The same as data."""
        return Problem(self.kind, self.what, self.where, self.why, self.remedy)

    def bare(self) -> Self:
        """Itself, without traceback and what it came from: for whoever keeps it.

        Frames hold answers and connections, and often the error again, those of client libraries
        too; such a ring is freed only by a full collection.
        """
        found: list[BaseException] = [self]
        for error in found:
            error.__traceback__ = None
            linked = (error.__cause__, error.__context__, *error.args)
            found += (
                each for each in linked if isinstance(each, BaseException) and each not in found
            )
        self.__cause__ = self.__context__ = None
        return self

    def __str__(self) -> str:
        return self.problem.sentence


class Unreachable(LabError):
    """No connection: refused, no route, name unknown, or the connection broke off."""

    kind = "unreachable"


class TimedOut(LabError):
    """No answer within the time limit."""

    kind = "timed-out"


class TlsFailed(LabError):
    """The certificate or its fingerprint is not what the configuration asks for."""

    kind = "tls"


class HostKeyFailed(LabError):
    """The SSH host key is not known, or is not the known one."""

    kind = "host-key"


class Refused(LabError):
    """User, password, token or ticket not accepted."""

    kind = "refused"


class Forbidden(LabError):
    """Logged in, but a right is missing; `privilege` and `path` where the server names them."""

    kind = "forbidden"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        remedy: str = "",
        privilege: str = "",
        path: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, remedy=remedy)
        self.privilege = privilege
        self.path = path


class NotFound(LabError):
    """The object asked for is not there (any more)."""

    kind = "not-found"


class Rejected(LabError):
    """The server understood and said no; `status` is its number, if it has one.

    `parameters` maps a parameter's name to the server's word about it; `said` is its first line as
    it came, cleaned, for who has to tell one refusal from another.
    """

    kind = "rejected"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        remedy: str = "",
        status: int = 0,
        parameters: dict[str, str] | None = None,
        said: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, remedy=remedy)
        self.status = status
        self.parameters = parameters or {}
        self.said = said


class Unexpected(LabError):
    """An answer that is none: broken off, not the protocol, wrong types, keys missing."""

    kind = "unexpected"


class OutcomeUnknown(LabError):
    """A write was sent, its answer never came: it may or may not have happened. Look it up."""

    kind = "outcome-unknown"
