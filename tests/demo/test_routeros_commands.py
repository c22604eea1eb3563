"""What the servers answer: login, prints, queries, refusals, changes, by version and by policy."""

from __future__ import annotations

import pytest

from labtui.demo.routeros.values import parse_duration
from tests.demo.router_client import ACCOUNTS, connected, on_router, served
from tests.demo.still_clock import Stage

PEERS = "/interface/wireguard/peers"
SESSION = "/routing/bgp/session"
DENIED = {"message": "not enough permissions (9)"}


async def test_five_refusals_then_fatal() -> None:
    async with on_router(Stage(), user=None) as client:
        for _ in range(5):
            trap = await client.trap("/login", "=name=rw", "=password=wrong")
            assert trap == {"message": "invalid user name or password (6)"}
        assert await client.ask("/login", "=name=rw", "=password=touch") == [
            ["!fatal", "too many commands before login"]
        ]
        assert await client.sentence() == []


@pytest.mark.parametrize("user", ["web", "nobody", ""])
async def test_a_user_without_the_api_policy_or_unknown_is_refused(user: str) -> None:
    async with on_router(Stage(), user=None) as client:
        trap = await client.trap("/login", f"=name={user}", "=password=browse")
        assert trap["message"] == "invalid user name or password (6)"
        assert await client.ask("/login", "=name=ro", "=password=look") == [["!done"]]


async def test_nothing_before_login_and_quit() -> None:
    stage = Stage()
    async with served(stage) as port:
        async with connected(port, None) as client:
            assert await client.ask("/system/identity/print") == [["!fatal", "not logged in"]]
            assert await client.sentence() == []
        async with connected(port) as client:
            assert await client.ask("/quit") == [["!fatal", "session terminated on request"]]


def test_accounts_do_not_show_their_passwords() -> None:
    assert "touch" not in repr(ACCOUNTS["rw"])


async def test_print_proplist_count_and_bare_rows() -> None:
    async with on_router(Stage()) as client:
        rows = await client.rows(f"{PEERS}/print", "=.proplist=name,last-handshake")
        assert [row["name"] for row in rows] == [
            "rt-835",
            "rt-702",
            "rt-mou",
            "amy",
            "ben",
            "chia-hao",
        ]
        assert [set(row) for row in rows[-2:]] == [{"name", "last-handshake"}, {"name"}]
        assert await client.ask(f"{PEERS}/print", "=count-only=") == [["!done", "=ret=6"]]
        counted = await client.ask("/ip/route/print", "=count-only=", "?bgp=true", "?active=true")
        assert counted == [["!done", "=ret=617"]]
        bare = await client.ask("/ip/address/print", "=.proplist=comment")
        assert bare == [["!re"]] * 8 + [["!done"]]


async def test_queries_over_the_wire() -> None:
    async with on_router(Stage()) as client:
        assert [row["name"] for row in await client.rows(f"{PEERS}/print", "?-last-handshake")] == [
            "chia-hao"
        ]
        assert len(await client.rows(f"{PEERS}/print", "?last-handshake")) == 5
        old = await client.rows(f"{PEERS}/print", "?>last-handshake=3m", "?disabled=no")
        assert [row["name"] for row in old] == ["ben"]
        either = await client.rows(f"{PEERS}/print", "?name=amy", "?name=ben", "?#|")
        assert [row["name"] for row in either] == ["amy", "ben"]
        one = await client.rows(f"{PEERS}/print", "?.id=*2")
        assert [row["name"] for row in one] == ["rt-702"]


@pytest.mark.parametrize(("router", "empty"), [("rt-835", True), ("rt-702", False)])
async def test_empty_exists_from_7_18_on(router: str, empty: bool) -> None:
    async with on_router(Stage(), router) as client:
        answer = await client.ask("/ip/route/print", "=.proplist=.id", "?comment=test")
        nothing = [["!empty"], ["!done"]] if empty else [["!done"]]
        assert answer == nothing
        assert await client.ask("/system/health/print") == nothing


REFUSALS: list[tuple[list[str], dict[str, str]]] = [
    (["/nonsense/print"], {"category": "0", "message": "no such command prefix"}),
    ([f"{PEERS}/frobnicate"], {"category": "0", "message": "no such command"}),
    ([f"{SESSION}/set", "=.id=*2800001"], {"category": "0", "message": "no such command"}),
    (
        [f"{SESSION}/disable", "=.id=*2800001"],
        {"category": "0", "message": "no such command"},
    ),
    ([f"{PEERS}/set", "=.id=*1", "=speed=1"], {"message": "unknown parameter speed"}),
    ([f"{PEERS}/print", "=speed=1"], {"message": "unknown parameter speed"}),
    (["/system/resource/listen"], {"message": "unknown parameter follow-only"}),
    (
        ["/system/resource/print", "=count-only="],
        {"message": "unknown parameter count-only"},
    ),
    ([f"{PEERS}/disable", "=.id=*FF"], {"category": "0", "message": "no such item (4)"}),
    ([f"{PEERS}/disable"], {"category": "0", "message": "no such item (4)"}),
    (
        [f"{PEERS}/set", "=.id=*1", "=endpoint-port=70000"],
        {"category": "1", "message": "invalid value for argument endpoint-port"},
    ),
    (
        [f"{PEERS}/set", "=.id=*1", "=endpoint-port=" + "9" * 90],
        {"category": "1", "message": "invalid value for argument endpoint-port"},
    ),
    (
        [f"{PEERS}/set", "=.id=*1", "=public-key=short"],
        {"category": "1", "message": "invalid value for argument public-key"},
    ),
    (
        [f"{SESSION}/clear", "=.id=*2800001", "=flag=red"],
        {"category": "1", "message": "input does not match any value of flag"},
    ),
    (
        ["/tool/ping", "=address=nowhere"],
        {"category": "1", "message": "invalid value for argument address"},
    ),
]


async def test_refusals_and_their_categories() -> None:
    async with on_router(Stage()) as client:
        for words, trap in REFUSALS:
            assert await client.trap(*words) == trap, words


async def test_policies() -> None:
    stage = Stage()
    async with served(stage) as port:
        async with connected(port, "ro") as client:
            assert await client.trap(f"{PEERS}/disable", "=.id=*1") == DENIED
            assert await client.trap(f"{SESSION}/stop", "=.id=*2800001") == DENIED
            assert await client.trap("/tool/ping", "=address=10.255.0.1", "=count=1") == DENIED
            rows = await client.rows("/interface/wireguard/print")
            assert all("private-key" not in row for row in rows)
        async with connected(port, "rw") as client:
            rows = await client.rows("/interface/wireguard/print")
            assert all(len(row["private-key"]) == 44 for row in rows)
    assert not stage.peer("rt-836", "wg-835").disabled


@pytest.mark.parametrize(
    ("router", "known", "unknown"),
    [
        ("rt-836", "afi", "address-family"),
        ("rt-835", "afi", "address-family"),
        ("rt-702", "address-family", "afi"),
        ("rt-mou", "address-family", "afi"),
    ],
)
async def test_arguments_by_version(router: str, known: str, unknown: str) -> None:
    async with on_router(Stage(), router) as client:
        assert await client.ask(f"{SESSION}/refresh", "=.id=*2800001", f"={known}=ip") == [
            ["!done"]
        ]
        trap = await client.trap(f"{SESSION}/refresh", "=.id=*2800001", f"={unknown}=ip")
        assert trap == {"message": f"unknown parameter {unknown}"}


async def test_peer_names_and_responders_by_version() -> None:
    stage = Stage()
    for router, name, responder in (
        ("rt-836", True, "responder"),
        ("rt-702", True, "is-responder"),
        ("rt-mou", False, None),
    ):
        async with on_router(stage, router) as client:
            assert ("name" in (await client.rows(f"{PEERS}/print"))[0]) is name
            for argument in ("responder", "is-responder"):
                answer = await client.ask(f"{PEERS}/set", "=.id=*1", f"={argument}=no")
                assert (answer == [["!done"]]) is (argument == responder)


async def test_disable_and_enable_take_effect() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        assert await client.ask(f"{PEERS}/disable", "=numbers=rt-mou") == [["!done"]]
        rows = await client.rows(f"{PEERS}/print", "?name=rt-mou")
        assert rows[0]["disabled"] == "true"
        assert "last-handshake" not in rows[0]
        stage.wait(200)
        sessions = await client.rows(f"{SESSION}/print", "?name=to-mou-1")
        assert "established" not in sessions[0]
        assert "uptime" not in sessions[0]
        assert sessions[0]["last-stopped"].startswith("2027-01-15 ")
        assert await client.ask(f"{PEERS}/enable", "=.id=*3") == [["!done"]]
        stage.wait(20)
        sessions = await client.rows(f"{SESSION}/print", "?established=true")
        assert len(sessions) == 3
        assert sessions[2]["output.last-notification"].endswith("0400")


async def test_interfaces_and_connections_switch_as_well() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        assert await client.ask("/interface/disable", "=.id=wg-mou") == [["!done"]]
        rows = await client.rows("/interface/wireguard/print", "?name=wg-mou")
        assert (rows[0]["running"], rows[0]["disabled"]) == ("false", "true")
        assert await client.ask("/interface/wireguard/enable", f"=.id={rows[0]['.id']}") == [
            ["!done"]
        ]
        connection = "/routing/bgp/connection"
        assert await client.ask(f"{connection}/disable", "=.id=*1") == [["!done"]]
        assert len(await client.rows(f"{SESSION}/print")) == 2
        assert await client.ask(
            f"{connection}/set", "=.id=*1", "=disabled=no", "=hold-time=30s"
        ) == [["!done"]]
        stage.wait(15)
        sessions = await client.rows(f"{SESSION}/print", "?name=to-835-1")
        assert (sessions[0]["hold-time"], sessions[0]["keepalive-time"]) == ("30s", "10s")


async def test_stop_and_clear_a_session() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        assert await client.ask(f"{SESSION}/stop", "=.id=*2800001") == [["!done"]]
        row = (await client.rows(f"{SESSION}/print", "?.id=*2800001"))[0]
        assert row["stopped"] == ""
        assert "established" not in row
        assert await client.ask(f"{SESSION}/clear", "=.id=*2800001", "=flag=stopped") == [["!done"]]
        stage.wait(12)
        row = (await client.rows(f"{SESSION}/print", "?.id=*2800001"))[0]
        assert "stopped" not in row
        assert row["established"] == "true"


async def test_get_reads_one_value() -> None:
    async with on_router(Stage()) as client:
        answer = await client.ask(f"{PEERS}/get", "=.id=*2", "=value-name=interface")
        assert answer == [["!done", "=ret=wg-702"]]
        assert await client.ask("/system/identity/get", "=value-name=name") == [
            ["!done", "=ret=rt-836"]
        ]
        trap = await client.trap(f"{PEERS}/get", "=.id=*2", "=value-name=colour")
        assert trap["category"] == "1"


async def test_identity_can_be_set_and_clock_is_local() -> None:
    async with on_router(Stage()) as client:
        assert await client.ask("/system/identity/set", "=name=836") == [["!done"]]
        assert await client.rows("/system/identity/print") == [{"name": "836"}]
        clock = (await client.rows("/system/clock/print"))[0]
        # 2027-01-15 08:00:00 UTC.
        assert (clock["date"], clock["time"], clock["gmt-offset"]) == (
            "2027-01-15",
            "16:00:00",
            "+08:00",
        )


async def test_ping_gives_running_totals_and_timeouts() -> None:
    stage = Stage(speed=1000.0)
    async with on_router(stage) as client:
        rows = await client.rows("/tool/ping", "=address=10.255.0.1", "=count=3", "=size=100")
        assert [row["sent"] for row in rows] == ["1", "2", "3"]
        assert {row["packet-loss"] for row in rows} == {"0"}
        assert rows[0]["size"] == "100"
        assert all(parse_duration(row["time"]) > 0 for row in rows)
        only = await client.rows("/tool/ping", "=address=10.255.0.1", "=count=1", "=.proplist=sent")
        assert only == [{"sent": "1"}]
        stage.world.set_link(1, False)
        stage.wait(5)
        rows = await client.rows("/tool/ping", "=address=10.255.0.1", "=count=2")
        assert rows[-1] == {
            "seq": "1",
            "host": "10.255.0.1",
            "status": "timeout",
            "sent": "2",
            "received": "0",
            "packet-loss": "100",
        }
