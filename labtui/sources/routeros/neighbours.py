"""Who has an address now: a router's ARP table and DHCP leases, asked for one address or MAC."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.model.lookup import Sighting
from labtui.model.text import clean
from labtui.sources.routeros import values
from labtui.sources.routeros.asking import Ask, or_none
from labtui.sources.routeros.sentences import Row

ARP = ("address", "mac-address", "interface", "status", "complete", "disabled")
LEASE = ("active-address", "address", "active-mac-address", "mac-address", "host-name", "status")
_MOST = 50


async def neighbours(
    ask: Ask, router: str, *, address: str = "", mac: str = ""
) -> tuple[Sighting, ...]:
    """What this router says of that address or MAC; one of them is given. Raises `LabError`.

    A MAC is asked for in capitals, as RouterOS keeps it.
    """
    upper = mac.upper()
    arp = (f"?address={address}",) if address else (f"?mac-address={upper}",)
    lease = (f"?active-address={address}",) if address else (f"?active-mac-address={upper}",)
    found = [_arp(router, row) for row in await _rows(ask, "/ip/arp", ARP, arp)]
    rows = await _rows(ask, "/ip/dhcp-server/lease", LEASE, lease)
    found += [_lease(router, row) for row in rows]
    return tuple(each for each in found[:_MOST] if each is not None and each.mac)


async def _rows(ask: Ask, menu: str, fields: Sequence[str], queries: Sequence[str]) -> list[Row]:
    return await or_none(ask(menu, fields, queries))


def _arp(router: str, row: Row) -> Sighting | None:
    # A row that is not complete is a question that nobody has answered.
    if values.switch(row.get("disabled")) or row.get("complete") in ("false", "no"):
        return None
    return Sighting(
        router,
        "arp",
        clean(row.get("address", ""), 80),
        clean(row.get("mac-address", ""), 40).casefold(),
        clean(row.get("interface", ""), 80),
        status=clean(row.get("status", ""), 40),
    )


def _lease(router: str, row: Row) -> Sighting:
    return Sighting(
        router,
        "lease",
        clean(row.get("active-address") or row.get("address", ""), 80),
        clean(row.get("active-mac-address") or row.get("mac-address", ""), 40).casefold(),
        host_name=clean(row.get("host-name", ""), 120),
        status=clean(row.get("status", ""), 40),
    )
