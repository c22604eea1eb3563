"""Ping and its sizes, traceroute, monitors, reboot, logs, people, OSPF, L2TP and IPsec rows."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo.branch_lab import branch_lab
from tests.demo.router_client import connected, on_router, served
from tests.demo.still_clock import Stage


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("=size=1420", "=do-not-fragment="), ""),
        (("=size=1421", "=do-not-fragment="), "packet too large and cannot be fragmented"),
        (("=size=2000",), ""),
        (("=src-address=10.255.0.4",), ""),
        (("=src-address=10.9.9.9",), "no route to host"),
        (("=interface=wg-835",), "timeout"),
    ],
)
async def test_a_ping_minds_size_source_and_interface(words: tuple[str, ...], status: str) -> None:
    async with on_router(Stage(speed=1000.0)) as client:
        address = "10.255.0.5" if "=interface=wg-835" not in words else "198.18.0.1"
        rows = await client.rows("/tool/ping", f"=address={address}", "=count=1", *words)
        assert rows[0].get("status", "") == status
        assert rows[0]["received"] == ("0" if status else "1")


@pytest.mark.parametrize(
    "words",
    [
        ("=size=5",),
        ("=size=x",),
        ("=interval=9s",),
        ("=count=-1",),
        ("=interface=nope",),
        ("=do-not-fragment=maybe",),
    ],
)
async def test_a_ping_refuses_nonsense(words: tuple[str, ...]) -> None:
    async with on_router(Stage()) as client:
        trap = await client.trap("/ping", "=address=10.255.0.5", *words)
        assert trap["category"] == "1"


async def test_a_trace_names_the_routers_on_the_way() -> None:
    stage = Stage(speed=1000.0)
    async with on_router(stage) as client:
        stage.world.set_link(3, False)
        stage.wait(300)
        rows = await client.rows("/tool/traceroute", "=address=10.121.180.9", "=count=2")
        frames = {row[".section"] for row in rows}
        assert frames == {"0", "1"}
        last = [row for row in rows if row[".section"] == "1"]
        assert [row["address"] for row in last][-1] == "10.121.180.9"
        assert len(last) == 3
        rows = await client.rows("/tool/traceroute", "=address=198.18.0.1", "=count=1")
        assert rows[-1]["last"] == "timeout"


async def test_traffic_is_a_frame_per_second() -> None:
    async with on_router(Stage(speed=1000.0)) as client:
        rows = await client.rows("/interface/monitor-traffic", "=interface=wg-835", "=once=")
        assert rows[0]["name"] == "wg-835"
        assert int(rows[0]["rx-bits-per-second"]) > 0
        words = ("=interface=ether1,wg-mou", "=duration=3s")
        rows = await client.rows("/interface/monitor-traffic", *words)
        assert [row[".section"] for row in rows] == ["0", "0", "1", "1", "2", "2"]


async def test_a_reboot_cuts_the_line_and_changes_ids() -> None:
    stage = Stage(speed=1000.0)
    lab_user = "rw"
    async with served(stage) as port:
        async with connected(port, lab_user) as client:
            assert (await client.trap("/system/reboot"))["message"] == "not enough permissions (9)"
            before = await client.rows("/interface/wireguard/peers/print", "=.proplist=.id,name")
        stage.world.restart("rt-836")
        assert not stage.world.routers["rt-836"].up
        stage.wait(60)
        async with connected(port, lab_user) as client:
            after = await client.rows("/interface/wireguard/peers/print", "=.proplist=.id,name")
            log = await client.rows("/log/print", "=.proplist=message")
    assert [row["name"] for row in before] == [row["name"] for row in after]
    assert not {row[".id"] for row in before} & {row[".id"] for row in after}
    assert log[0]["message"] == "router rebooted"


async def test_print_with_follow_gives_the_rows_and_then_the_changes() -> None:
    stage = Stage()
    async with served(stage) as port, connected(port) as ear, connected(port) as hand:
        await ear.send("/ip/service/print", "=follow=", "=.proplist=name", "?disabled=false")
        names = [(await ear.sentence())[1] for _ in range(4)]
        assert names == ["=name=ssh", "=name=api", "=name=winbox", "=name=api-ssl"]
        await asyncio.sleep(0.05)
        await hand.ask("/ip/service/enable", "=numbers=ftp")
        assert await ear.sentence() == ["!re", "=name=ftp"]


async def test_people_log_and_clock() -> None:
    stage = Stage()
    async with served(stage) as port, connected(port, "ro") as one, connected(port) as other:
        people = await one.rows("/user/active/print", "=.proplist=name,via,address")
        assert people == [
            {"name": "ro", "via": "api", "address": "127.0.0.1"},
            {"name": "rw", "via": "api", "address": "127.0.0.1"},
        ]
        log = await other.rows("/log/print", "=.proplist=topics,message")
        assert log[-1] == {
            "topics": "system,info,account",
            "message": "user rw logged in from 127.0.0.1 via api",
        }
        ntp = await one.rows("/system/ntp/client/print", "=.proplist=status,synced-server")
        assert ntp == [{"status": "synchronized", "synced-server": "192.0.2.123"}]
        with stage.world.changing():
            stage.world.routers["rt-836"].clock_offset = -3600.0
        assert (await one.rows("/system/clock/print"))[0]["time"] == "15:00:00"


async def test_ospf_and_the_call_under_it() -> None:
    stage = Stage()
    stage.wait(10)
    async with on_router(stage, "rt-835") as client:
        rows = await client.rows("/routing/ospf/neighbor/print")
        assert {row["state"] for row in rows} == {"Full"}
        assert rows[0]["router-id"] == "10.255.255.1"
        assert rows[0]["address"] == "10.255.64.1"
        faces = await client.rows("/routing/ospf/interface/print", "=.proplist=address,state")
        assert {row["state"] for row in faces} == {"ptp", "passive"}
        call = await client.rows("/interface/l2tp-client/monitor", "=numbers=l2tp-836", "=once=")
        assert (call[0]["status"], call[0]["remote-address"]) == ("connected", "10.255.64.1")
        keys = await client.rows("/ip/ipsec/active-peers/print")
        assert (keys[0]["state"], keys[0]["side"]) == ("established", "initiator")
        pairs = await client.rows("/ip/ipsec/installed-sa/print", "=.proplist=spi,state")
        assert [row["state"] for row in pairs] == ["mature", "mature"]
        assert len({row["spi"] for row in pairs}) == 2
        await client.ask("/interface/l2tp-client/set", "=numbers=l2tp-836", "=ipsec-secret=wrong")
        call = await client.rows("/interface/l2tp-client/monitor", "=numbers=l2tp-836", "=once=")
        assert call == [{"status": "dialing"}]
        assert await client.rows("/routing/ospf/neighbor/print") == []
        keys = await client.rows("/ip/ipsec/active-peers/print", "=.proplist=state")
        assert keys == [{"state": "message-3-sent"}]
        rows = await client.rows("/ip/ipsec/policy/print", "=.proplist=ph2-state")
        assert rows == [{"ph2-state": "no-phase2"}]


async def test_the_server_side_of_a_call() -> None:
    stage = Stage()
    async with on_router(stage, "rt-836") as client:
        rows = await client.rows("/ppp/active/print")
        assert (rows[0]["name"], rows[0]["caller-id"]) == ("site-835", "192.0.2.35")
        rows = await client.rows("/interface/print", "?type=l2tp-in")
        assert rows[0]["name"] == "<l2tp-site-835>"
        await client.ask("/ppp/secret/disable", "=numbers=site-835")
        assert await client.rows("/ppp/active/print") == []
        assert await client.rows("/interface/print", "?type=l2tp-in") == []


async def test_routeros_six_has_its_own_menus() -> None:
    stage = Stage(speed=1000.0, lab=branch_lab())
    async with on_router(stage, "rt-b1") as client:
        peers = await client.rows("/routing/bgp/peer/print")
        assert (peers[0]["state"], peers[0]["prefix-count"]) == ("established", "619")
        hoods = await client.rows("/routing/ospf/neighbor/print")
        assert (hoods[0]["state"], hoods[0]["dr-address"]) == ("Full", "0.0.0.0")
        assert "timeout" not in hoods[0]
        health = await client.rows("/system/health/print")
        assert set(health[0]) == {"voltage", "temperature"}
        assert health[0]["voltage"].endswith("V")
        clock = await client.rows("/system/clock/print")
        assert clock[0]["date"] == "jan/15/2027"
        routes = await client.rows("/ip/route/print", "?static=true")
        assert "immediate-gw" not in routes[0]
        assert "reachable via" in routes[0]["gateway-status"]
        for path in ("/interface/wireguard", "/routing/bgp/connection", "/routing/route"):
            trap = await client.trap(f"{path}/print")
            assert trap == {"category": "0", "message": "no such command prefix"}
        assert await client.ask("/routing/bgp/network/print", "?network=10.0.0.0/8") == [["!done"]]
        await client.ask("/routing/bgp/peer/disable", "=numbers=to-836")
        peers = await client.rows("/routing/bgp/peer/print", "=.proplist=state")
        assert peers == [{"state": "idle"}]


async def test_a_busy_router_answers_late_and_still_by_tag() -> None:
    stage = Stage(speed=100.0)
    stage.world.routers["rt-836"].answer_delay = 5.0
    async with on_router(stage) as client:
        await client.send("/system/identity/print", ".tag=a")
        await client.send("/cancel", "=tag=a", ".tag=b")
        assert await client.sentence() == ["!trap", ".tag=a", "=category=2", "=message=interrupted"]
        assert await client.sentence() == ["!done", ".tag=b"]
        assert await client.sentence() == ["!done", ".tag=a"]
        rows = await client.rows("/system/resource/print", "=.proplist=cpu-load")
        assert int(rows[0]["cpu-load"]) >= 98
