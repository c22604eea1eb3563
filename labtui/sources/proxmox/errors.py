"""From an HTTP status or a library's exception to one sentence of `labtui.model.errors`.

Forms as sent by Proxmox VE 8.4 and 9.2: the body's `message` says why, the reason phrase holds its
first line, 59x and most 401 answers have nothing but the reason phrase.
"""

from __future__ import annotations

import re

import msgspec

from labtui.locale import N_, _
from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    OutcomeUnknown,
    Refused,
    Rejected,
    TlsFailed,
    Unexpected,
    Unreachable,
)
from labtui.model.text import clean
from labtui.sources.classify import Verdict, of_exception
from labtui.sources.classify.http import of_status
from labtui.sources.proxmox.explain import explain

_PERMISSION = re.compile(r"Permission check failed \((?P<path>[^,()]*), (?P<privilege>[^()]+)\)")
_NODE = re.compile(r"^/?nodes/([^/]+)/")
_LONGEST = 400
_NOT_PVE = N_("check that this is a Proxmox VE node and nothing in between changes answers")
_GATEWAY = frozenset((502, 503, 504))


class NodeUnreachable(Unreachable):
    """The endpoint asked is well; the node that it forwards this call to is not (595 to 599)."""


class Dropped(Unreachable):
    """The connection was closed or reset before the answer came."""


class Garbled(Unexpected):
    """What came is no whole answer of HTTP: something is wrong there, whatever was asked."""


class Question(msgspec.Struct, frozen=True):
    """What was asked of whom: `what` in words, `where` the endpoint, `writes` for a write."""

    what: str
    where: str
    path: str = ""
    writes: bool = False


class _Answer(msgspec.Struct):
    """The body of an error; older versions send no `message`."""

    message: str | None = None
    errors: dict[str, object] | None = None


def from_status(question: Question, status: int, reason: str, body: bytes) -> LabError:
    """The error for an answer with that status (300 and more)."""
    answer = _read(body)
    said = _first_line(answer.message or reason)
    if status == 401:
        return _refused(question, said)
    if status == 403:
        return _forbidden(question, said)
    if status == 400:
        return _bad_request(question, said, answer)
    if status == 404:
        return NotFound(question.what, where=question.where, why=said or _("there is nothing"))
    if 595 <= status <= 599:
        return _forwarding(question, status, said)
    if status in _GATEWAY:
        return _gateway(question, status)
    if status < 400 or status in (408, 429):
        return _plain(question, status)
    return _rejected(question, status, said)


def from_exception(question: Question, error: BaseException, sent: bool) -> LabError:
    """The error for an exception of requests, urllib3 or the socket; `sent`: the request went out.

    A write that was sent and whose answer was lost is `OutcomeUnknown`.
    """
    failure = _failure(question, error)
    if question.writes and sent:
        return outcome_unknown(question, failure.why)
    return failure


def outcome_unknown(question: Question, why: str) -> OutcomeUnknown:
    """The error for a write whose answer never came, or could not be read."""
    return OutcomeUnknown(
        question.what,
        where=question.where,
        why=why,
        remedy=_("look at the task list before you try again"),
    )


def unexpected(question: Question, why: str) -> LabError:
    """The error for an answer that is none; after a write, nobody knows what was done."""
    if question.writes:
        return outcome_unknown(question, why)
    return Unexpected(
        question.what,
        where=question.where,
        why=why,
        remedy=_(_NOT_PVE),
    )


def _read(body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Answer()


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return clean(lines[0].strip(), _LONGEST) if lines else ""


def _refused(question: Question, said: str) -> Refused:
    if "csrf" in said:
        why, remedy = _("the session's write key is not accepted"), _("sign in again")
    elif said == "No ticket":
        why, remedy = _("no credential arrived"), _("check that no proxy removes headers")
    else:
        why = _("user, password or token not accepted")
        remedy = _("check the credential, that it has not expired, and the clocks of the nodes")
    return Refused(question.what, where=question.where, why=why, remedy=remedy)


def _forbidden(question: Question, said: str) -> Forbidden:
    match = _PERMISSION.search(said)
    if match is None:
        ticket = "need proper ticket" in said
        return Forbidden(
            question.what,
            where=question.where,
            why=_("not allowed with an API token") if ticket else said or _("not allowed"),
            remedy=_("sign in with user and password for this") if ticket else "",
        )
    path, privilege = match["path"], match["privilege"]
    return Forbidden(
        question.what,
        where=question.where,
        why=_("the right {privilege} on {path} is missing").format(
            privilege=privilege.replace("|", _(" or ")), path=path or "/"
        ),
        remedy=_("ask for a role with this right on this path, for the user and for the token"),
        privilege=privilege,
        path=path,
    )


def _bad_request(question: Question, said: str, answer: _Answer) -> Rejected:
    parameters = {
        clean(name, 80): clean(" ".join(str(text).split()), _LONGEST)
        for name, text in (answer.errors or {}).items()
    }
    why = "; ".join(f"{name}: {text}" for name, text in sorted(parameters.items()))
    return Rejected(
        question.what,
        where=question.where,
        why=clean(why, _LONGEST) or said or _("a parameter is wrong"),
        status=400,
        parameters=parameters,
    )


def _plain(question: Question, status: int) -> LabError:
    """An answer of which the status says all."""
    verdict = of_status(status, "proxmox")
    if verdict.kind == "rejected":
        return Rejected(
            question.what,
            where=question.where,
            why=verdict.why,
            remedy=verdict.remedy,
            status=status,
        )
    return verdict.error(question.what, question.where)


def _forwarding(question: Question, status: int, said: str) -> LabError:
    match = _NODE.match(question.path)
    node = clean(match[1], 80) if match else _("another node")
    why = _("{node} does not answer {endpoint}: {reason}").format(
        node=node, endpoint=question.where, reason=said or status
    )
    if "certificate" in said:
        return TlsFailed(
            question.what,
            where=node,
            why=why,
            remedy=_("run `pvecm updatecerts` on the nodes"),
        )
    # 595: never connected, so nothing was done. Later ones say nothing about what was done.
    if question.writes and status != 595:
        return outcome_unknown(question, why)
    return NodeUnreachable(
        question.what, where=node, why=why, remedy=_("check whether the node is up")
    )


def _gateway(question: Question, status: int) -> LabError:
    verdict = of_status(status, "proxmox")
    if question.writes:
        return outcome_unknown(question, verdict.why)
    return verdict.error(question.what, question.where)


def _rejected(question: Question, status: int, said: str) -> Rejected:
    why, remedy = explain(status, said)
    return Rejected(
        question.what, where=question.where, why=why, remedy=remedy, status=status, said=said
    )


def _failure(question: Question, error: BaseException) -> LabError:
    what, where = question.what, question.where
    if type(error).__name__ == "TooManyRedirects":
        return from_status(question, 302, "", b"")
    verdict = of_exception(error, "proxmox")
    if verdict is None:
        if type(error).__name__ == "ConnectionError":
            return Unreachable(what, where=where, why=_("no connection"))
        verdict = Verdict("unexpected", "garbled", _("the answer is broken off or is no HTTP"))
    if verdict.sign == "reset":
        return Dropped(what, where=where, why=verdict.why)
    if verdict.kind == "unexpected":
        return Garbled(what, where=where, why=verdict.why, remedy=_(_NOT_PVE))
    return verdict.error(what, where)
