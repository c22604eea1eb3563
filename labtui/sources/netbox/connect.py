"""One pynetbox client to one NetBox: TLS, time-outs, token, and lists read page by page.

Of pynetbox its requests are used and not its records: those fetch what they lack, one request an
attribute, and cost fifteen times the time of plain rows. Lists are read in the order of ids, each
page from where the last one ended (`id__gte`, `ordering=id`): that holds for every version, loses
and doubles nothing while others write (offsets do), and never follows an address that a server
names, which would take the token there. requests and pynetbox are loaded inside functions: only in
worker threads.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from labtui.config.schema import NetboxConfig
from labtui.config.tls import client_context
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.sources import limits
from labtui.sources.https import Cut, adapter, no_cookies
from labtui.sources.netbox.errors import (
    Dropped,
    Question,
    Stumbled,
    bad_token,
    from_exception,
    from_status,
    unexpected,
    unreadable,
)
from labtui.sources.trace import note

CONNECT_LIMIT = limits.INVENTORY.connect
"""Seconds for a connection."""
READ_LIMIT = limits.INVENTORY.silence
"""Seconds without a byte of the answer."""
PAGE = 1000
"""Rows asked for at once; a server may give fewer (`MAX_PAGE_SIZE`)."""
MOST_PAGES = 500
_STUMBLES = 2
_TOKEN = re.compile(r"[!-~]{8,512}")
# At DEBUG they write addresses and more.
_LOGGERS = ("urllib3", "requests", "pynetbox")

_T = TypeVar("_T")
Row = dict[str, Any]
Filters = Mapping[str, str | int | Sequence[str]]


class Client:
    """A client for one thread at a time. Every failure is a `LabError`.

    `version` is what the last answer said of itself, such as `4.6`; empty before the first.
    Making one fetches the token, which may block. Raises `Refused` and `TlsFailed`.
    """

    def __init__(self, config: NetboxConfig) -> None:
        import pynetbox

        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self.where = config.url
        self.version = ""
        self._is_object = False
        self._cut = Cut()
        token = config.token.reveal().strip()
        if not _TOKEN.fullmatch(token):
            raise bad_token(Question(_("signing in"), self.where))
        context = None if config.tls.mode == "off" else client_context(config.tls)
        self._api = pynetbox.api(config.url, token=token)
        self._session = self._api.http_session
        # A ~/.netrc would replace the token, an environment would choose proxies and authorities.
        self._session.trust_env = False
        # 4.1 tells its version to nobody who does not say this, even of a GET (measured).
        self._session.headers["Content-Type"] = "application/json"
        self._session.max_redirects = 0
        self._session.hooks["response"].append(self._look_at)
        self._session.cookies.set_policy(no_cookies())
        for scheme in ("https://", "http://"):
            self._session.mount(
                scheme, adapter(context, self._cut, limits=lambda: (CONNECT_LIMIT, READ_LIMIT))
            )

    def rows(
        self, question: Question, fields: tuple[str, ...], only: Filters | None = None
    ) -> list[Any]:
        """All rows of the list at the question's path, with those fields, in the order of ids.

        The rows are as they came; `only` are filters. Raises `LabError`.
        """
        found: list[Any] = []
        start = 0
        for _page in range(MOST_PAGES):
            filters: dict[str, str | int | Sequence[str]] = {
                **(only or {}),
                "fields": ",".join(fields),
                "ordering": "id",
                "limit": PAGE,
            }
            if start:
                filters["id__gte"] = start
            rows, count = self.page(question, filters)
            found.extend(rows)
            if not rows or len(rows) >= count:
                return found
            ids = [
                row["id"] for row in rows if isinstance(row, dict) and type(row.get("id")) is int
            ]
            if not ids or min(ids) < start or max(ids) < start:
                raise unexpected(question, _("the pages of the list do not follow each other"))
            start = max(ids) + 1
        raise unexpected(question, _("the list has no end"))

    def page(self, question: Question, filters: Filters) -> tuple[list[Any], int]:
        """One page of a list, and how many rows there are from its first one on."""
        request = self._request(question, filters)
        rows = self._ask(question, request)
        count = getattr(request, "count", None)
        if type(count) is not int or not self._is_object:
            raise unexpected(question, _("the answer is no list"))
        return rows, count

    def offered(self, question: Question, filters: Filters) -> list[Any]:
        """What is free below a prefix or range: a bare list."""
        return self._ask(question, self._request(question, filters))

    def one(self, question: Question) -> Row:
        """What is at a path that is no list, such as `authentication-check`."""
        rows = self._ask(question, self._request(question, {}))
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise unexpected(question, _("the answer lacks parts, or has others"))
        return rows[0]

    def add(self, question: Question, row: Row) -> Any:
        """Make a record in the list at the question's path: what it became, as it came.

        Sent once. Raises `LabError`.
        """
        request = self._request(question, {})
        return self._written(question, "POST", lambda: request.post(row))

    def change(self, question: Question, row: Row, *, match: str = "") -> Any:
        """Change these fields of the record at the question's path: what it became, as it came.

        `match` is the ETag that it must still have (4.6; earlier ones take no notice). Sent once.
        Raises `LabError`.
        """
        request = self._request(question, {})
        with self._matching(match):
            return self._written(question, "PATCH", lambda: request.patch(row))

    def remove(self, question: Question, row: Row | None = None, *, match: str = "") -> None:
        """Delete the record at the question's path; `row` is what is said along with it.

        Sent once. Raises `LabError`.
        """
        request = self._request(question, {})
        with self._matching(match):
            self._written(question, "DELETE", lambda: request.delete(row))

    def allowed(self, question: Question) -> frozenset[str]:
        """`POST` and `PUT` (a change) where the token may do that in the list at that path.

        What OPTIONS says: NetBox leaves out what the user has no permission for, and everything
        where the token may not write. Constraints are not in it. Raises `LabError`.
        """
        (found,) = self._safely(question, lambda: [self._request(question, {}).options()])
        actions = found.get("actions") if isinstance(found, dict) else None
        return frozenset(actions if isinstance(actions, dict) else ())

    @contextmanager
    def _matching(self, match: str) -> Iterator[None]:
        """pynetbox hands no header on; this client is one thread's at a time."""
        if match:
            self._session.headers["If-Match"] = match
        try:
            yield
        finally:
            self._session.headers.pop("If-Match", None)

    def _written(self, question: Question, method: str, work: Callable[[], _T]) -> _T:
        """Do it once, and leave a line of it."""
        began, outcome = time.monotonic(), "failed"
        try:
            answer = self._safely(question, work)
            outcome = "ok"
            return answer
        except LabError as error:
            outcome = error.kind
            raise
        finally:
            note("netbox", self.where, method, f"/api/{question.path}", began, outcome)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def abort(self) -> None:
        """End the connection in use, from whatever thread."""
        self._cut.cut()

    def _request(self, question: Question, filters: Filters) -> Any:
        from pynetbox.core.query import Request

        # Told an offset, pynetbox asks once and follows nothing; without a limit it sends neither.
        return Request(
            base=f"{self._api.base_url}/{question.path}",
            http_session=self._session,
            token=self._api.token,
            filters=dict(filters),
            offset=0,
        )

    def _ask(self, question: Question, request: Any) -> list[Any]:
        try:
            return self._noted(question, request)
        except Dropped:
            # An idle connection that the server closed just then says nothing about the server.
            if self._cut.done:
                raise
            self._session.close()
        except Stumbled:
            # Another of its threads, or the same with a new connection, is asked instead.
            return self._asked_again(question, request)
        return self._noted(question, request)

    def _asked_again(self, question: Question, request: Any) -> list[Any]:
        """The answer, unless NetBox stumbles as often as it is worth asking."""
        for _turn in range(_STUMBLES):
            try:
                return self._noted(question, request)
            except Stumbled:
                if self._cut.done:
                    raise
        return self._noted(question, request)

    def _noted(self, question: Question, request: Any) -> list[Any]:
        """Ask once, and leave a line of it."""
        began, outcome = time.monotonic(), "failed"
        try:
            rows = self._ask_once(question, request)
            outcome = "200"
        except LabError as error:
            outcome = error.kind
            raise
        finally:
            note("netbox", self.where, "GET", f"/api/{question.path}", began, outcome)
        return rows

    def _ask_once(self, question: Question, request: Any) -> list[Any]:
        return self._safely(question, lambda: list(request.get()))

    def _safely(self, question: Question, work: Callable[[], _T]) -> _T:
        """What `work` returns; its failures as `LabError`."""
        from pynetbox.core.query import AllocationError, ContentError, RequestError
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        # Errors are raised without their cause: it carries the request, and that the token.
        try:
            return work()
        except (RequestError, AllocationError) as error:
            raise from_status(question, error.req.status_code, error.req.content) from None
        except ContentError as error:
            raise unreadable(question, error.req.content) from None
        except (RequestException, HTTPError, OSError, UnicodeEncodeError) as error:
            raise from_exception(question, error) from None
        except (TypeError, KeyError, AttributeError, ValueError, RecursionError):
            # pynetbox takes it on trust that a page has results, a count and so on.
            raise unexpected(question, _("the answer lacks parts, or has others")) from None

    def _look_at(self, response: Any, *_arguments: Any, **_options: Any) -> None:
        """Note what pynetbox does not hand on: the version, and whether the body is an object."""
        self.version = _version(response.headers.get("API-Version", "")) or self.version
        self._is_object = response.content.lstrip()[:1] == b"{"


def _version(text: str) -> str:
    return text if re.fullmatch(r"\d{1,3}(\.\d{1,3}){1,3}[\w.-]{0,20}", text) else ""
