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
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labtui.config.schema import NetboxConfig
from labtui.config.tls import client_context
from labtui.locale import _
from labtui.sources.netbox.errors import (
    Dropped,
    Question,
    bad_token,
    from_exception,
    from_status,
    unexpected,
    unreadable,
)

if TYPE_CHECKING:
    import ssl

    from requests.adapters import HTTPAdapter

CONNECT_LIMIT = 4.0
"""Seconds for a connection."""
READ_LIMIT = 30.0
"""Seconds without a byte of the answer."""
PAGE = 1000
"""Rows asked for at once; a server may give fewer (`MAX_PAGE_SIZE`)."""
MOST_PAGES = 500
_TOKEN = re.compile(r"[!-~]{8,512}")
# At DEBUG they write addresses and more.
_LOGGERS = ("urllib3", "requests", "pynetbox")

Row = dict[str, Any]
Filters = Mapping[str, str | int]


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
        token = config.token.reveal().strip()
        if not _TOKEN.fullmatch(token):
            raise bad_token(Question(_("signing in"), self.where))
        context = None if config.tls.mode == "off" else client_context(config.tls)
        self._api = pynetbox.api(config.url, token=token)
        self._session = self._api.http_session
        # A ~/.netrc would replace the token, an environment would choose proxies and authorities.
        self._session.trust_env = False
        self._session.max_redirects = 0
        self._session.hooks["response"].append(self._look_at)
        self._session.cookies.set_policy(_no_cookies())
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _adapter(context))

    def rows(self, question: Question, fields: tuple[str, ...]) -> list[Any]:
        """All rows of the list at the question's path, with those fields, in the order of ids.

        The rows are as they came. Raises `LabError`.
        """
        found: list[Any] = []
        start = 0
        for _page in range(MOST_PAGES):
            filters: dict[str, str | int] = {
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

    def one(self, question: Question) -> Row:
        """What is at a path that is no list, such as `authentication-check`."""
        rows = self._ask(question, self._request(question, {}))
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise unexpected(question, _("the answer lacks parts, or has others"))
        return rows[0]

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

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
            return self._ask_once(question, request)
        except Dropped:
            # An idle connection that the server closed just then says nothing about the server.
            self._session.close()
        return self._ask_once(question, request)

    def _ask_once(self, question: Question, request: Any) -> list[Any]:
        from pynetbox.core.query import ContentError, RequestError
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        # Errors are raised without their cause: it carries the request, and that the token.
        try:
            return list(request.get())
        except RequestError as error:
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


def _no_cookies() -> Any:
    from http.cookiejar import DefaultCookiePolicy

    return DefaultCookiePolicy(allowed_domains=())


def _adapter(context: ssl.SSLContext | None) -> HTTPAdapter:
    """An adapter with our TLS context and time-outs, of which pynetbox has none."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            # A pin is held to by the context; urllib3 sees but that no authority was asked.
            self.is_verified = True

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": Pool}

        def send(
            self,
            request: Any,
            stream: bool = False,
            timeout: Any = None,
            *args: Any,
            **options: Any,
        ) -> Any:
            limits = (CONNECT_LIMIT, READ_LIMIT) if timeout is None else timeout
            return super().send(request, stream, limits, *args, **options)

        def build_connection_pool_key_attributes(
            self, request: Any, verify: Any, cert: Any = None
        ) -> Any:
            host, _tls = super().build_connection_pool_key_attributes(request, verify, cert)
            return host, {} if context is None else {"ssl_context": context}

        def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
            """The context decides alone; the base class would add certifi's authorities."""

    return Adapter(max_retries=0, pool_connections=1, pool_maxsize=1)
