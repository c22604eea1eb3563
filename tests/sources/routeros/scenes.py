"""What the tests of the source share: a small router, and one reading of it."""

from __future__ import annotations

import asyncio

from labtui.model.snapshot import Snapshot
from labtui.sources.routeros.source import RouterSource
from labtui.sources.source import Reading

RESOURCE = {"version": "7.20.1 (stable)", "uptime": "1d", "board-name": "CHR", "cpu-load": "3"}
LAB: dict[str, list[dict[str, str]]] = {
    "system__identity": [{"name": "core-1"}],
    "system__resource": [RESOURCE],
    "ip__address": [{"interface": "wg1", "address": "10.255.0.0/31"}],
    "ipv6__address": [
        {"interface": "wg1", "address": "fe80::1/64", "link-local": "true"},
        {"interface": "lo", "address": "2001:db8::1/128"},
    ],
    "interface__wireguard": [{"name": "wg1", "public-key": "own=", "listen-port": "13231"}],
    "interface__wireguard__peers": [
        {"interface": "wg1", "public-key": "k=", "last-handshake": "20s", "rx": "10", "tx": "20"}
    ],
    "routing__bgp__connection": [{"name": "to-b", "instance": "lab", "remote.as": "65002"}],
    "routing__bgp__instance": [{"name": "lab", "as": "65001"}],
    "routing__bgp__session": [{"name": "to-b-1", "established": "true", "uptime": "5m"}],
}


async def read_feed(source: RouterSource, topic: str) -> Reading:
    spec = next(spec for spec in source.feeds() if spec.feed.topic == topic)
    async with asyncio.timeout(spec.deadline):
        return await spec.read(Snapshot())
