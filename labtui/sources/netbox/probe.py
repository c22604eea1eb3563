"""What `labtui check` wants to know of NetBox: reached, certificate, version, user, rights."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import msgspec

from labtui.config.schema import Address, NetboxConfig
from labtui.config.tls import CertificateFacts, peer_certificate
from labtui.locale import _
from labtui.model.errors import Forbidden, LabError, NotFound, Problem
from labtui.model.text import clean
from labtui.sources.netbox.changes import LOG
from labtui.sources.netbox.connect import CONNECT_LIMIT, Client
from labtui.sources.netbox.errors import Question
from labtui.sources.netbox.tables import SPECS
from labtui.sources.threads import Threads

_LIMIT = 30.0
_LISTS = tuple(spec.path for spec in SPECS)
# What every NetBox has; another list may be none of this version, or of a plugin.
_CORE = frozenset((*(spec.path for spec in SPECS if spec.core), LOG))


class NetboxReport(msgspec.Struct, frozen=True):
    """One NetBox. `latency` is seconds for one small answer over a connection that stands.

    `certificate` is what the server showed, verified or not; `hidden` are the lists that the token
    may not see; `problem` is the first failure.
    """

    url: str
    reached: bool
    latency: float | None = None
    version: str = ""
    certificate: CertificateFacts | None = None
    user: str = ""
    hidden: tuple[str, ...] = ()
    problem: Problem | None = None


async def probe(config: NetboxConfig, threads: Threads[Client]) -> NetboxReport:
    """Ask it. Never raises a `LabError`: failures are in the report."""
    certificate = await _certificate(config)
    try:
        found = await threads.run(_ask, _LIMIT, _("asking NetBox"))
    except LabError as error:
        reached = error.kind not in ("unreachable", "timed-out", "tls")
        return NetboxReport(config.url, reached, certificate=certificate, problem=error.problem)
    return msgspec.structs.replace(found, certificate=certificate)


def _ask(client: Client) -> NetboxReport:
    user = _user(client)
    began = time.monotonic()
    hidden = tuple(path for path in (*_LISTS, LOG) if not _visible(client, path))
    latency = (time.monotonic() - began) / (len(_LISTS) + 1)
    return NetboxReport(
        client.where,
        reached=True,
        latency=latency,
        version=client.version,
        user=user,
        hidden=hidden,
    )


def _user(client: Client) -> str:
    """Whose token it is; empty before NetBox 4.5, which does not tell."""
    question = Question(_("asking whose token it is"), client.where, "authentication-check")
    try:
        return clean(str(client.one(question).get("username", "")), 80)
    except NotFound:
        return ""


def _visible(client: Client, path: str) -> bool:
    question = Question(_("reading {path}").format(path=path), client.where, path)
    try:
        client.page(question, {"fields": "id", "limit": 1})
    except Forbidden:
        return False
    except NotFound:
        return path not in _CORE
    return True


async def _certificate(config: NetboxConfig) -> CertificateFacts | None:
    """What the server shows before any token is sent; None without TLS or without an answer."""
    parts = urlsplit(config.url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    address = Address(parts.hostname, parts.port or 443)
    threads: Threads[None] = Threads(config.url, lambda: None, size=1)
    try:
        return await threads.run(
            lambda _client: peer_certificate(address, CONNECT_LIMIT)[1],
            2 * CONNECT_LIMIT,
            _("asking for the certificate"),
        )
    except LabError:
        return None
    finally:
        threads.close()
