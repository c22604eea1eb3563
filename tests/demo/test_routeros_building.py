"""A tunnel and a session built over the API between two routers, as the console would do it."""

from __future__ import annotations

import pytest

from labtui.demo.overlay.memory import router_configuration
from tests.demo.router_client import RawClient, connected, on_router, served
from tests.demo.still_clock import Stage

WG, PEERS = "/interface/wireguard", "/interface/wireguard/peers"
CONNECTION, FILTER = "/routing/bgp/connection", "/ip/firewall/filter"
PUBLIC = {"rt-836": "192.0.2.36", "rt-835": "192.0.2.35", "rt-mou": "203.0.113.9"}
NUMBERS = {"rt-836": "65036", "rt-835": "65035", "rt-mou": "65080"}
SITES = {"rt-836": "836", "rt-835": "835", "rt-mou": "mou"}


async def added(client: RawClient, *words: str) -> str:
    """The id that an `add` answers."""
    answer = await client.ask(*words)
    assert len(answer) == 1, answer
    assert answer[0][1].startswith("=ret=*"), answer
    return answer[0][1].removeprefix("=ret=")


async def half(client: RawClient, name: str, far: str, side: int) -> str:
    """Interface, address and filter rule of one end; its public key."""
    await added(client, f"{WG}/add", "=name=wg-new", "=listen-port=13836", "=mtu=1420")
    rows = await client.rows(f"{WG}/print", "=.proplist=public-key,running", "?name=wg-new")
    await added(client, "/ip/address/add", f"=address=10.255.83.{1 + side}/30", "=interface=wg-new")
    drop = await client.rows(f"{FILTER}/print", "=.proplist=.id", "?action=drop", "?chain=input")
    words = ("=chain=input", "=action=accept", "=protocol=udp", "=dst-port=13836")
    last = drop[-1][".id"]
    await added(client, f"{FILTER}/add", *words, f"=place-before={last}", f"=comment=for {far}")
    return rows[0]["public-key"]


async def joined(client: RawClient, name: str, far: str, side: int, key: str) -> None:
    """The peer and the connection of one end."""
    address = f"=endpoint-address={PUBLIC[far]}"
    await added(
        client,
        f"{PEERS}/add",
        "=interface=wg-new",
        f"=public-key={key}",
        address,
        "=endpoint-port=13836",
        "=allowed-address=0.0.0.0/0",
        "=persistent-keepalive=25s",
    )
    version = {
        "rt-836": ("=instance=bgp-lab", "=afi=ip"),
        "rt-835": ("=afi=ip", f"=as={NUMBERS[name]}"),
        "rt-mou": ("=address-families=ip", f"=as={NUMBERS[name]}"),
    }[name]
    await added(
        client,
        f"{CONNECTION}/add",
        "=name=new",
        "=local.role=ebgp",
        f"=local.address=10.255.83.{1 + side}",
        f"=remote.address=10.255.83.{2 - side}",
        f"=remote.as={NUMBERS[far]}",
        "=output.network=bgp-networks",
        "=disabled=yes",
        *version,
    )


@pytest.mark.parametrize("far", ["rt-835", "rt-mou"])
async def test_a_tunnel_and_a_session_come_up_and_go_again(far: str) -> None:
    stage = Stage()
    before = {name: router_configuration(router) for name, router in stage.world.routers.items()}
    names = ("rt-836", far)
    async with (
        served(stage, names[0]) as one,
        served(stage, names[1]) as other,
        connected(one) as left,
        connected(other) as right,
    ):
        clients = (left, right)
        keys = [await half(clients[n], names[n], names[1 - n], n) for n in (0, 1)]
        for n in (0, 1):
            await joined(clients[n], names[n], names[1 - n], n, keys[1 - n])
        stage.wait(10)
        for client in clients:
            rows = await client.rows(f"{PEERS}/print", "?interface=wg-new")
            assert rows[0]["last-handshake"].endswith("s")
            assert rows[0]["current-endpoint-port"] == "13836"
            assert await client.rows(f"{CONNECTION}/print", "?name=new", "?disabled=true")
            await client.ask(f"{CONNECTION}/enable", "=numbers=new")
        ping = await left.rows(
            "/tool/ping", "=address=10.255.83.2", "=count=1", "=src-address=10.255.83.1"
        )
        assert ping[0]["received"] == "1"
        stage.wait(15)
        for client in clients:
            rows = await client.rows("/routing/bgp/session/print", "?name=new-1")
            assert rows[0]["established"] == "true"
            assert int(rows[0]["prefix-count"]) > 0
        for client in clients:
            await client.ask(f"{CONNECTION}/remove", "=numbers=new")
            await client.ask(f"{WG}/remove", "=numbers=wg-new")
            rows = await client.rows("/ip/address/print", "?interface=wg-new")
            await client.ask("/ip/address/remove", f"=.id={rows[0]['.id']}")
            rows = await client.rows(f"{FILTER}/print", "?dst-port=13836")
            await client.ask(f"{FILTER}/remove", f"=.id={rows[0]['.id']}")
    after = {name: router_configuration(router) for name, router in stage.world.routers.items()}
    assert after == before


async def test_a_drop_before_the_new_rule_keeps_the_tunnel_down() -> None:
    stage = Stage()
    async with (
        served(stage, "rt-836") as one,
        served(stage, "rt-mou") as other,
        connected(one) as left,
        connected(other) as right,
    ):
        keys = [
            await half(left, "rt-836", "rt-mou", 0),
            await half(right, "rt-mou", "rt-836", 1),
        ]
        await joined(left, "rt-836", "rt-mou", 0, keys[1])
        await joined(right, "rt-mou", "rt-836", 1, keys[0])
        for client in (left, right):
            rows = await client.rows(f"{FILTER}/print", "?dst-port=13836")
            # Without a destination a rule goes to the end, behind the one that drops the rest.
            await client.ask(f"{FILTER}/move", f"=numbers={rows[0]['.id']}")
        stage.wait(60)
        rows = await left.rows(f"{PEERS}/print", "?interface=wg-new")
        assert "last-handshake" not in rows[0]
        assert int(rows[0]["tx"]) > 0
        order = await left.rows(f"{FILTER}/print", "=.proplist=.id,dst-port,action")
        assert order[-1]["dst-port"] == "13836"
        await left.ask(
            f"{FILTER}/move", f"=numbers={order[-1]['.id']}", f"=destination={order[0]['.id']}"
        )
        stage.wait(10)
        rows = await left.rows(f"{PEERS}/print", "?interface=wg-new")
        assert "last-handshake" in rows[0]


@pytest.mark.parametrize(
    ("router", "words", "message"),
    [
        ("rt-836", (f"{CONNECTION}/add", "=name=x", "=local.role=ebgp"), "missing value"),
        ("rt-835", (f"{CONNECTION}/add", "=name=x", "=instance=bgp-lab"), "unknown parameter"),
        ("rt-836", (f"{CONNECTION}/add", "=name=x", "=router-id=1.1.1.1"), "unknown parameter"),
        ("rt-mou", (f"{CONNECTION}/add", "=name=x", "=afi=ip"), "unknown parameter afi"),
        ("rt-mou", (f"{PEERS}/add", "=name=x", "=interface=wg-836"), "unknown parameter name"),
        ("rt-836", (f"{PEERS}/add", "=interface=wg-835"), "missing value"),
        (
            "rt-836",
            (f"{PEERS}/add", "=interface=wg-9", "=allowed-address=::/0"),
            "input does not match any value of interface",
        ),
        ("rt-836", (f"{WG}/add", "=name=wg-835"), "already have device with such name"),
        ("rt-836", (f"{WG}/add", "=listen-port=99999"), "invalid value for argument"),
        (
            "rt-836",
            ("/ip/address/add", "=address=10.255.0.0/31", "=interface=wg-835"),
            "already have such address",
        ),
        ("rt-836", ("/ip/address/add", "=address=nonsense", "=interface=ether1"), "invalid value"),
        ("rt-836", ("/ip/address/remove", "=numbers=10.255.64.1/32"), "can not change dynamic"),
        ("rt-836", (f"{FILTER}/add", "=chain=input", "=colour=red"), "unknown parameter colour"),
        ("rt-836", (f"{FILTER}/remove", "=numbers=*FFF"), "no such item"),
        ("rt-mou", ("/routing/bgp/instance/add", "=name=x"), "no such command prefix"),
        ("rt-mou", ("/safe-mode/print",), "no such command prefix"),
        ("rt-702", ("/safe-mode/take",), "no such command prefix"),
        ("rt-836", ("/routing/bgp/peer/print",), "no such command prefix"),
        ("rt-836", ("/ip/route/move", "=numbers=*1"), "no such command"),
    ],
)
async def test_what_a_version_refuses(router: str, words: tuple[str, ...], message: str) -> None:
    stage = Stage()
    before = router_configuration(stage.world.routers[router])
    async with on_router(stage, router) as client:
        trap = await client.trap(*words)
    assert message in trap["message"]
    assert router_configuration(stage.world.routers[router]) == before


async def test_readers_change_nothing() -> None:
    async with on_router(Stage(), user="ro") as client:
        for words in ((f"{WG}/add", "=name=x"), (f"{FILTER}/remove", "=numbers=*1")):
            assert (await client.trap(*words))["message"] == "not enough permissions (9)"
        rows = await client.rows("/interface/l2tp-server/server/print")
        assert "ipsec-secret" not in rows[0]


async def test_rows_are_set_commented_copied_and_removed() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        rule = await added(client, f"{FILTER}/add", "=chain=forward", "=action=drop")
        await client.ask(f"{FILTER}/set", f"=.id={rule}", "=protocol=tcp", "=disabled=yes")
        await client.ask(f"{FILTER}/comment", f"=numbers={rule}", "=comment=hello")
        copy = await added(client, f"{FILTER}/add", f"=copy-from={rule}", "=protocol=udp")
        rows = await client.rows(f"{FILTER}/print", "?chain=forward")
        assert [row["protocol"] for row in rows] == ["tcp", "udp"]
        assert {row["comment"] for row in rows} == {"hello"}
        assert {row["disabled"] for row in rows} == {"true"}
        assert await client.ask(f"{FILTER}/remove", f"=.id={rule},{copy}") == [["!done"]]
        assert await client.rows(f"{FILTER}/print", "?chain=forward", "?comment=hello") == []
        history = await client.rows("/system/history/print", "=.proplist=action,by")
        assert history[0] == {"action": "/ip/firewall/filter removed", "by": "rw"}
        route = await added(client, "/ip/route/add", "=dst-address=10.99.0.0/16", "=blackhole=")
        rows = await client.rows("/ip/route/print", "?dst-address=10.99.0.0/16")
        assert (rows[0]["static"], rows[0]["blackhole"]) == ("true", "")
        assert route.startswith("*")


async def test_a_peer_without_a_key_gets_one() -> None:
    async with on_router(Stage()) as client:
        words = ("=interface=wg-roaming", "=allowed-address=10.121.249.99/32")
        ident = await added(client, f"{PEERS}/add", *words)
        row = (await client.rows(f"{PEERS}/print", f"?.id={ident}"))[0]
        assert len(row["public-key"]) == 44
        assert "last-handshake" not in row
        assert row["name"].startswith("peer")
