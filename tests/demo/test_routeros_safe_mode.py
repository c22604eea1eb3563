"""Safe mode: taking, releasing, undoing, by hand and by a lost connection, and its limit."""

from __future__ import annotations

import asyncio

from labtui.demo.overlay.memory import router_configuration
from labtui.demo.overlay.past import HISTORY_LENGTH
from tests.demo.router_client import RawClient, connected, on_router, served
from tests.demo.still_clock import Stage

ROUTER = "rt-836"
FILTER = "/ip/firewall/filter"


def _text(stage: Stage) -> str:
    return router_configuration(stage.world.routers[ROUTER])


async def _change(client: RawClient) -> None:
    await client.ask(f"{FILTER}/add", "=chain=forward", "=action=drop")
    await client.ask("/interface/wireguard/peers/disable", "=numbers=*3")
    await client.ask("/routing/bgp/connection/set", "=numbers=to-835", "=hold-time=30s")


async def test_released_changes_stay() -> None:
    stage = Stage()
    before = _text(stage)
    async with on_router(stage) as client:
        assert await client.rows("/safe-mode/print") == [{"enabled": "false"}]
        assert await client.ask("/safe-mode/take") == [["!done"]]
        assert await client.rows("/safe-mode/print") == [
            {"enabled": "true", "user": "rw", "current": "true"}
        ]
        await _change(client)
        assert await client.ask("/safe-mode/release") == [["!done"]]
    await asyncio.sleep(0.05)
    assert _text(stage) != before


async def test_unrolled_changes_are_gone_and_the_tunnel_is_back() -> None:
    stage = Stage()
    before = _text(stage)
    async with on_router(stage) as client:
        await client.ask("/safe-mode/take")
        await _change(client)
        assert _text(stage) != before
        assert await client.ask("/safe-mode/unroll") == [["!done"]]
        assert _text(stage) == before
        assert await client.rows("/safe-mode/print") == [{"enabled": "false"}]
        stage.wait(30)
        rows = await client.rows("/interface/wireguard/peers/print", "?.id=*3")
        assert "last-handshake" in rows[0]


async def test_a_lost_connection_undoes_also_what_others_did() -> None:
    stage = Stage()
    before = _text(stage)
    async with served(stage) as port, connected(port) as other:
        async with connected(port) as holder:
            await holder.ask("/safe-mode/take")
            await _change(holder)
            await other.ask("/system/identity/set", "=name=changed")
            assert _text(stage) != before
        for _ in range(100):
            if _text(stage) == before:
                break
            await asyncio.sleep(0.01)
        assert _text(stage) == before
        assert await other.rows("/safe-mode/print") == [{"enabled": "false"}]


async def test_one_holder_at_a_time() -> None:
    stage = Stage()
    async with served(stage) as port, connected(port) as one, connected(port) as other:
        await one.ask("/safe-mode/take")
        assert "safe mode is held" in (await other.trap("/safe-mode/take"))["message"]
        rows = await other.rows("/safe-mode/print")
        assert rows == [{"enabled": "true", "user": "rw", "current": "false"}]
        await _change(one)
        before = _text(stage)
        assert await other.ask("/safe-mode/take", "=on-error=release") == [["!done"]]
        assert _text(stage) == before
        assert await other.ask("/safe-mode/release") == [["!done"]]
        trap = await other.trap("/safe-mode/take", "=on-error=maybe")
        assert trap["category"] == "1"


async def test_too_many_changes_end_it_silently() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        await client.ask("/safe-mode/take")
        for number in range(HISTORY_LENGTH + 1):
            await client.ask("/system/identity/set", f"=name=n{number}")
        assert await client.rows("/safe-mode/print") == [{"enabled": "false"}]
    await asyncio.sleep(0.05)
    assert stage.world.routers[ROUTER].identity == f"n{HISTORY_LENGTH}"


async def test_a_power_cut_undoes_too() -> None:
    stage = Stage()
    before = _text(stage)
    async with on_router(stage) as client:
        await client.ask("/safe-mode/take")
        await _change(client)
        stage.world.set_router(ROUTER, False)
        stage.world.set_router(ROUTER, True)
        assert _text(stage) == before


async def test_readers_may_not_take_it() -> None:
    async with on_router(Stage(), user="ro") as client:
        assert (await client.trap("/safe-mode/take"))["message"] == "not enough permissions (9)"
