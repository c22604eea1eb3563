"""The look at one router for `labtui check`: each address, each account, what is allowed there."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from labtui.config.schema import Address, Tls, TlsMode
from labtui.config.tls import CertificateFacts, peer_certificate
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.sources.routeros import values
from labtui.sources.routeros.connect import CONNECT_LIMIT, Line
from labtui.sources.routeros.login import Account, Dial, log_in, look_up
from labtui.sources.routeros.read import IDENTITY, RESOURCE, plain, short_version
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.ways import Way
from labtui.sources.routeros.wire import Wire
from labtui.sources.ssh.connect import CONNECT_LIMIT as SSH_LIMIT
from labtui.sources.threads import Threads

_ASK_LIMIT = 5.0


class AccountProbe(msgspec.Struct, frozen=True):
    """One account at one address. `policies` is None where the router does not tell."""

    username: str
    policies: tuple[str, ...] | None = None
    problem: Problem | None = None


class AddressProbe(msgspec.Struct, frozen=True):
    """One address as found. `latency` is seconds for a small question, `problem` why it failed.

    `certificate` is what the address shows, trusted or not; None without TLS.
    """

    address: str
    tls: TlsMode
    reached: bool = False
    latency: float | None = None
    certificate: CertificateFacts | None = None
    identity: str = ""
    version: str = ""
    board: str = ""
    problem: Problem | None = None
    accounts: tuple[AccountProbe, ...] = ()


class Probe(msgspec.Struct, frozen=True):
    """All ways to one router, in the order of preference."""

    router: str
    addresses: tuple[AddressProbe, ...]

    @property
    def ok(self) -> bool:
        """True when every address and every account at it works."""
        return all(
            found.problem is None and all(account.problem is None for account in found.accounts)
            for found in self.addresses
        )


async def probe(
    router: str,
    ways: Sequence[Way],
    tls: Tls,
    lines: Sequence[Line],
    threads: Threads[None],
    dial: Dial,
) -> Probe:
    """Try every way with the first account, then with the others. Raises nothing."""
    found = [await _address(way, tls, lines, threads, dial) for way in ways]
    return Probe(router, tuple(found))


async def _address(
    way: Way, tls: Tls, lines: Sequence[Line], threads: Threads[None], dial: Dial
) -> AddressProbe:
    found = AddressProbe(str(way), tls.mode)
    limit = CONNECT_LIMIT + (SSH_LIMIT if way.jump else 0.0)
    try:
        endpoint = await look_up(way, tls, threads, CONNECT_LIMIT)
        shown = None if way.jump else await _certificate(way.address, tls, threads)
        found = msgspec.structs.replace(found, certificate=shown, reached=shown is not None)
        wire = await log_in(endpoint, await lines[0].account(), limit, dial)
    except LabError as error:
        reached = found.reached or error.kind not in ("unreachable", "timed-out")
        return msgspec.structs.replace(found, reached=reached, problem=error.problem)
    try:
        found = await _asked(found, wire, lines[0].username)
    except LabError as error:
        return msgspec.structs.replace(found, reached=True, problem=error.problem)
    finally:
        await wire.close()
    others = [await _account(line, way, tls, threads, dial) for line in lines[1:]]
    return msgspec.structs.replace(found, accounts=(*found.accounts, *others))


async def _certificate(
    address: Address, tls: Tls, threads: Threads[None]
) -> CertificateFacts | None:
    """What the address shows, unverified; None when it shows nothing, which the login explains."""
    if tls.mode in ("off", "anonymous"):
        return None
    try:
        _der, facts = await threads.run(
            lambda _client: peer_certificate(address, CONNECT_LIMIT),
            CONNECT_LIMIT + 1.0,
            _("reading the certificate"),
        )
    except LabError:
        return None
    return facts


async def _asked(found: AddressProbe, wire: Wire, username: str) -> AddressProbe:
    began = time.monotonic()
    identity = await _print(wire, "/system/identity", IDENTITY)
    latency = time.monotonic() - began
    resource = await _print(wire, "/system/resource", RESOURCE)
    return msgspec.structs.replace(
        found,
        reached=True,
        latency=latency,
        identity=plain(identity[0], "name") if identity else "",
        version=short_version(resource[0]) if resource else "",
        board=plain(resource[0], "board-name") if resource else "",
        accounts=(AccountProbe(username, await _policies(wire, username)),),
    )


async def _account(
    line: Line, way: Way, tls: Tls, threads: Threads[None], dial: Dial
) -> AccountProbe:
    limit = CONNECT_LIMIT + (SSH_LIMIT if way.jump else 0.0)
    try:
        account: Account = await line.account()
        endpoint = await look_up(way, tls, threads, CONNECT_LIMIT)
        wire = await log_in(endpoint, account, limit, dial)
    except LabError as error:
        return AccountProbe(line.username, problem=error.problem)
    try:
        return AccountProbe(line.username, await _policies(wire, line.username))
    finally:
        await wire.close()


async def _policies(wire: Wire, username: str) -> tuple[str, ...] | None:
    """What the account's group may do; None when the router does not tell."""
    try:
        users = await _print(wire, "/user", ("name", "group"), {"?name": username})
        group = next((row["group"] for row in users if row.get("group")), "")
        groups = await _print(wire, "/user/group", ("name", "policy"), {"?name": group})
    except LabError:
        return None  # not allowed to look: that alone is no fault of the account
    return policies_of(groups)


def policies_of(groups: Sequence[Row]) -> tuple[str, ...] | None:
    """What the first group may do, without the negated entries (`!ftp`); None when no row tells."""
    policy = next((row["policy"] for row in groups if "policy" in row), None)
    if policy is None:
        return None
    return tuple(one for one in values.listed(policy) if not one.startswith("!"))


async def _print(
    wire: Wire, menu: str, fields: Sequence[str], query: dict[str, str] | None = None
) -> list[Row]:
    words = {".proplist": ",".join(fields), **(query or {})}
    return (await wire.ask(f"{menu}/print", words, _ASK_LIMIT)).rows
