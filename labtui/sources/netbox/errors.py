"""From an answer of NetBox or an exception on the way to one sentence of `labtui.model.errors`.

Forms as measured on NetBox 4.1 to 4.7: there is no 401, every failure of a token is a 403 told
apart by its `detail`; a 500 carries `error` and `exception`; addresses that do not exist are HTML.
No text here comes from a request, for that holds the token.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from labtui.locale import N_, _
from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    Refused,
    Rejected,
    Unexpected,
    Unreachable,
)
from labtui.model.text import clean
from labtui.sources.classify import of_exception
from labtui.sources.classify.http import of_status

_LONGEST = 400
_GATEWAY = frozenset((502, 503, 504))
_NO_CONNECTION = frozenset(("refused", "no-route"))
_DATABASE = frozenset(("OperationalError", "InterfaceError"))
# What the detail begins with, why in our words, and what to do about it.
_TOKEN = (
    ("Invalid v1 token", N_("the token is not known there"), N_("check the token")),
    ("Invalid v2 token", N_("the token is not known there"), N_("check the token")),
    ("Invalid token", N_("the token is not known there"), N_("check the token")),
    (
        "Invalid authorization header",
        N_("the token is not whole"),
        N_("a token is nbt_<key>.<token>, or 40 hex digits before NetBox 4.5"),
    ),
    ("Token expired", N_("the token has expired"), N_("extend it in NetBox or make a new one")),
    ("Token disabled", N_("the token is switched off"), N_("enable it in NetBox")),
    ("User inactive", N_("the token's user is not active"), N_("use another user's token")),
    (
        "Authentication credentials were not provided",
        N_("no token arrived, or this NetBox is older than 4.5 and does not know nbt_ tokens"),
        N_("check that no proxy removes headers, or use a token of version 1"),
    ),
)


class Dropped(Unreachable):
    """The connection was closed or reset before the answer came."""


class Unsent(Unreachable):
    """No connection came about, so that nothing can have been sent."""


class Stumbled(Unexpected):
    """Its connection to the database was gone: after a restart of that each of NetBox's threads
    answers so once, and has a new one then (measured)."""


class Question(msgspec.Struct, frozen=True):
    """What was asked of whom: `what` in words, `where` the base URL, `path` below `/api/`."""

    what: str
    where: str
    path: str = ""


def from_status(question: Question, status: int, body: bytes) -> LabError:
    """The error for an answer with that status (300 and more)."""
    answer = _read(body)
    said = _detail(answer)
    what, where = question.what, question.where
    if status in (401, 403):
        return _no_entry(question, status, said)
    if status == 404:
        return NotFound(
            what,
            where=where,
            why=said or _("there is no {path} there").format(path=question.path or "/api/"),
            remedy="" if said else _("check the URL, and the version of NetBox"),
        )
    if status in _GATEWAY:
        why = _("the proxy in front has no NetBox behind it ({status})").format(status=status)
        return Unreachable(what, where=where, why=why)
    if status >= 500:
        return _broken(question, status, answer)
    verdict = of_status(status, "netbox")
    if status == 429:
        return Rejected(what, where=where, why=verdict.why, remedy=verdict.remedy, status=status)
    if status < 400 or status == 408:
        return verdict.error(what, where)
    return _rejected(question, status, said, answer)


def from_exception(question: Question, error: BaseException) -> LabError:
    """The error for an exception of requests, urllib3 or the socket.

    Its own text is not used, except of TLS: it may quote headers.
    """
    what, where = question.what, question.where
    kinds = {each.__name__ for each in type(error).__mro__}
    if "TooManyRedirects" in kinds:
        return from_status(question, 302, b"")
    if kinds & {"InvalidHeader", "UnicodeError"}:
        return bad_token(question)
    verdict = of_exception(error, "netbox")
    if verdict is None:
        return Unreachable(what, where=where, why=_("no connection"))
    if verdict.sign == "reset":
        return Dropped(what, where=where, why=verdict.why)
    if verdict.kind == "unreachable" and verdict.sign in _NO_CONNECTION:
        return Unsent(what, where=where, why=verdict.why, remedy=verdict.remedy)
    if verdict.kind == "unexpected":
        return unexpected(question, verdict.why)
    return verdict.error(what, where)


def unexpected(question: Question, why: str) -> Unexpected:
    """The error for an answer that is none."""
    return Unexpected(
        question.what,
        where=question.where,
        why=why,
        remedy=_("check that url is NetBox itself and not a login page in front of it"),
    )


def unreadable(question: Question, body: bytes) -> Unexpected:
    """The error for a successful answer that is no JSON."""
    page = body.lstrip()[:1] == b"<"
    return unexpected(
        question, _("the answer is a web page") if page else _("the answer cannot be read")
    )


def bad_token(question: Question) -> Refused:
    """The error for a token with characters that no token has."""
    return Refused(
        question.what,
        where=question.where,
        why=_("the token has blanks or characters that no token has"),
        remedy=_("check the place of the token in the configuration"),
    )


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _detail(answer: Any) -> str:
    said = answer.get("detail") if isinstance(answer, dict) else None
    return clean(said.strip(), _LONGEST) if isinstance(said, str) else ""


def _no_entry(question: Question, status: int, said: str) -> LabError:
    what, where = question.what, question.where
    for beginning, why, remedy in _TOKEN:
        if said.startswith(beginning):
            return Refused(what, where=where, why=_(why), remedy=_(remedy))
    if "not permitted to authenticate" in said:
        remedy = _("add our address to the token's allowed IPs")
        return Refused(what, where=where, why=said, remedy=remedy)
    if status == 401:
        why = said or _("a proxy in front wants a login of its own")
        return Refused(what, where=where, why=why)
    denied = said.startswith("You do not have permission")
    return Forbidden(
        what,
        where=where,
        why=_("the token may not do this") if denied else said or _("not allowed"),
        remedy=_("give the token's user a permission on {path}").format(path=question.path)
        if denied
        else "",
        path=question.path,
    )


def _broken(question: Question, status: int, answer: Any) -> Unexpected:
    why = _("NetBox itself failed ({status})").format(status=status)
    kind = answer.get("exception") if isinstance(answer, dict) else None
    if isinstance(kind, str):
        why = f"{why}: {clean(kind, 80)}"
    made = Stumbled if isinstance(kind, str) and kind in _DATABASE else Unexpected
    return made(
        question.what,
        where=question.where,
        why=why,
        remedy=_("look at NetBox's log; its database or Redis may be down"),
    )


def _rejected(question: Question, status: int, said: str, answer: Any) -> Rejected:
    parameters: dict[str, str] = {}
    if isinstance(answer, dict) and not said:
        parameters = {clean(str(name), 80): _words(value) for name, value in answer.items()}
    elif isinstance(answer, list):
        said = _words(answer)
    why = "; ".join(f"{name}: {text}" for name, text in sorted(parameters.items()))
    return Rejected(
        question.what,
        where=question.where,
        why=said or clean(why, _LONGEST) or _("refused with status {status}").format(status=status),
        status=status,
        parameters=parameters,
    )


def _words(value: Any) -> str:
    """The server's complaints as one line, however they are nested."""
    text = " ".join(str(each) for each in (value if isinstance(value, list) else [value]))
    return clean(" ".join(text.split()), _LONGEST)
