"""The writing half: safe mode is held by one connection, and nothing goes round it."""

from __future__ import annotations

import pytest

from labtui.config.schema import Tls
from labtui.model.errors import NotFound, Unreachable
from labtui.sources.routeros.source import RouterSource
from tests.demo.router_client import served
from tests.demo.still_clock import Stage
from tests.sources.routeros.test_demo import config

ADD = ("API", "/interface/wireguard/add", {"name": "wg-new"})


async def test_what_is_held_is_kept_by_a_release_and_undone_with_its_connection() -> None:
    stage = Stage()
    names = [face.name for face in stage.world.routers["rt-836"].wireguard]
    async with served(stage) as port:
        source = RouterSource(config(port, Tls("off")))
        await source.call("API", "/safe-mode/take", {})
        await source.call(*ADD)
        source._writer.hang_up()
        with pytest.raises(Unreachable, match="safe mode went with its connection"):
            await source.call(*ADD)
        while stage.world.routers["rt-836"].safe is not None:
            await source.get("/safe-mode/print")
        assert [face.name for face in stage.world.routers["rt-836"].wireguard] == names
        await source.call("API", "/safe-mode/take", {})
        await source.call(*ADD)
        await source.call("API", "/safe-mode/release", {})
        source._writer.hang_up()
        await source.log_in_anew()
        assert [face.name for face in stage.world.routers["rt-836"].wireguard] == [*names, "wg-new"]
        await source.close()


async def test_an_older_router_has_no_safe_mode_there() -> None:
    async with served(Stage(), "rt-mou") as port:
        source = RouterSource(config(port, Tls("off")))
        with pytest.raises(NotFound):
            await source.call("API", "/safe-mode/take", {})
        await source.close()
