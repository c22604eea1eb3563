"""A monitoring program polls the routers: the very words mktxp sends, through the same library.

mktxp 2.1 builds on RouterOS-api; its collectors are written down here as the calls they make, on
every version and over a long time. The program itself runs in `test_mktxp`.
"""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise
from typing import Any

import pytest
import routeros_api

from tests.demo.branch_lab import branch_lab
from tests.demo.router_client import served
from tests.demo.still_clock import Stage

ROUNDS = 10
ROUTE_KINDS = ("dynamic", "static", "bgp", "ospf", "connect")
COUNTED = ("rx-byte", "tx-byte", "rx-packet", "tx-packet")


def _round(api: Any, version: int) -> dict[str, Any]:
    """One scrape; a refusal raises."""

    def rows(path: str, **words: str) -> Any:
        return api.get_resource(path).call("print", words)

    def count(path: str, query: dict[str, str]) -> int:
        counted = api.get_resource(path).call("print", {"count-only": ""}, query)
        return int(counted.done_message.get("ret", 0))

    found: dict[str, Any] = {
        "identity": api.get_resource("/system/identity").get(),
        "resource": api.get_resource("/system/resource").get(),
        "health": api.get_resource("/system/health").get(),
        "version": rows("/system/resource", **{".proplist": "version"}),
        "packages": api.get_resource("/system/package").get(),
        "leases": rows("/ip/dhcp-server/lease", active=""),
        "bound": api.get_resource("/ip/dhcp-server/lease").get(status="bound"),
        "interfaces": rows("/interface", stats="detail"),
        "neighbours": api.get_resource("/ip/neighbor").get(),
        "users": api.get_resource("/user/active/").get(),
        "netwatch": api.get_resource("/tool/netwatch").get(),
        "certificates": rows("/certificate", detail=""),
        "ipsec": rows("/ip/ipsec/active-peers", stats=""),
        "connections": count("/ip/firewall/connection/", {}),
        "routes": count("/ip/route", {}),
        "kinds": {kind: count("/ip/route", {kind: "yes"}) for kind in ROUTE_KINDS},
        "queues": api.get_resource("/queue/simple/").get(),
        "pools": api.get_resource("/ip/pool").get(),
        "vlans": rows("/interface/vlan", **{".proplist": "name,running,disabled"}),
    }
    for part in ("filter", "nat", "raw", "mangle"):
        proplist = "chain,action,bytes,comment,log,out-interface,protocol"
        found[part] = rows(f"/ip/firewall/{part}", **{"stats": "", ".proplist": proplist})
    if version >= 7:
        found["wireguard"] = rows("/interface/wireguard/peers")
        found["bgp"] = api.get_resource("/routing/bgp/session").get()
    else:
        found["bgp"] = api.get_resource("/routing/bgp/peer").get()
    return found


@pytest.mark.parametrize("router", ["rt-836", "rt-835", "rt-702", "rt-mou", "rt-b1"])
async def test_ten_scrapes_of_a_router_without_an_error(router: str) -> None:
    stage = Stage(lab=branch_lab())
    version = stage.world.routers[router].major
    async with served(stage, router) as port:
        pool = routeros_api.RouterOsApiPool(
            "127.0.0.1", "ro", "look", port=port, plaintext_login=True
        )
        pool.set_timeout(10)
        try:
            api = await asyncio.to_thread(pool.get_api)
            # The library sends word by word: without this the kernel waits 40 ms for each command.
            pool.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            rounds = []
            for _ in range(ROUNDS):
                rounds.append(await asyncio.to_thread(_round, api, version))
                stage.wait(30)
        finally:
            await asyncio.to_thread(pool.disconnect)
    assert len(rounds) == ROUNDS
    for before, after in pairwise(rounds):
        _never_back(before, after)
    last = rounds[-1]
    assert last["identity"] == [{"name": router}]
    assert last["routes"] > 600
    assert last["kinds"]["bgp"] > 600
    assert all(float(row["bytes"]) >= 0 for row in last["filter"])
    assert all("established" in row for row in last["bgp"])
    assert (len(last.get("wireguard", [])) > 0) is (version >= 7)


def _never_back(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Counters only grow, by name of interface and by key of peer."""
    faces = {row["name"]: row for row in before["interfaces"]}
    for row in after["interfaces"]:
        for name in COUNTED:
            assert int(row[name]) >= int(faces[row["name"]][name])
    peers = {row["public-key"]: row for row in before.get("wireguard", [])}
    for row in after.get("wireguard", []):
        for name in ("rx", "tx"):
            assert int(row[name]) >= int(peers[row["public-key"]][name])
