"""However much comes in, the screen is painted a few times a second; one reading at once."""

from __future__ import annotations

import asyncio

from labtui.ui.pace import Pace


async def test_the_first_wish_is_granted_at_once_and_a_burst_is_one() -> None:
    painted: list[float] = []
    clock = [0.0]
    pace = Pace(lambda: painted.append(clock[0]), gap=0.02, clock=lambda: clock[0])
    pace.ask()
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)
    assert painted == [0.0]
    for _news in range(100):
        pace.ask()
    await asyncio.sleep(0.001)
    assert painted == [0.0]
    clock[0] = 0.02
    await asyncio.sleep(0.05)
    assert painted == [0.0, 0.02]


async def test_after_a_pause_it_is_at_once_again() -> None:
    painted: list[int] = []
    clock = [0.0]
    pace = Pace(lambda: painted.append(1), gap=5.0, clock=lambda: clock[0])
    pace.ask()
    await asyncio.sleep(0.005)
    clock[0] = 6.0
    pace.ask()
    await asyncio.sleep(0.005)
    assert len(painted) == 2


async def test_stopped_is_stopped() -> None:
    painted: list[int] = []
    pace = Pace(lambda: painted.append(1))
    pace.ask()
    pace.stop()
    await asyncio.sleep(0.005)
    assert painted == []


async def test_while_nobody_presses_a_key_it_is_rarer() -> None:
    painted: list[float] = []
    clock = [0.0]
    pace = Pace(lambda: painted.append(clock[0]), gap=0.01, clock=lambda: clock[0])
    clock[0] = 100.0
    pace.ask()
    await asyncio.sleep(0.005)
    assert painted == [100.0]
    clock[0] = 100.5
    pace.ask()
    await asyncio.sleep(0.03)
    assert painted == [100.0]
    pace.pressed()
    await asyncio.sleep(0.005)
    assert painted == [100.0, 100.5]


async def test_the_start_counts_as_attended() -> None:
    painted: list[float] = []
    clock = [0.0]
    pace = Pace(lambda: painted.append(clock[0]), gap=0.01, clock=lambda: clock[0])
    pace.ask()
    await asyncio.sleep(0.005)
    clock[0] = 0.02
    pace.ask()
    await asyncio.sleep(0.005)
    assert painted == [0.0, 0.02]
