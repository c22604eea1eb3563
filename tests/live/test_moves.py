"""What moves took, kept between starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions.migration.speed import ASSUMED_SPEED, Move, Speeds
from labtui.live.moves import Moves, _read

GIB = float(1 << 30)


def move(at: float, *, mode: str = "live", pair: str = "pve1 pve2", gib: float = 10.0,
         seconds: float = 25.0, cluster: str = "lab") -> Move:  # fmt: skip
    source, target = pair.split()
    return Move(at, cluster, mode, source, target, gib * GIB, seconds)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Moves]:
    moves = Moves(tmp_path / "state" / "moves.jsonl")
    yield moves
    moves.close()


async def test_they_are_there_at_the_next_start(kept: Moves, tmp_path: Path) -> None:
    await kept.add(move(1.0))
    await kept.add(move(2.0, cluster="other"))
    path = tmp_path / "state" / "moves.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    again = Moves(path)
    assert await again.of("lab") == (move(1.0),)
    await again.add(move(3.0))
    assert [one.at for one in await again.of("lab")] == [1.0, 3.0]
    again.close()


async def test_no_more_are_kept_than_tell_something(kept: Moves, tmp_path: Path) -> None:
    many = [move(float(number)) for number in range(200)]
    path = tmp_path / "state" / "moves.jsonl"
    path.parent.mkdir()
    import msgspec

    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in many))
    await kept.add(move(1000.0))
    found = await kept.of("lab")
    assert (len(found), found[0].at, found[-1].at) == (200, 1.0, 1000.0)


async def test_a_place_that_can_not_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    moves = Moves(tmp_path / "file" / "moves.jsonl")
    await moves.add(move(1.0))
    assert len(await moves.of("lab")) == 1
    moves.close()


async def test_without_a_place_they_live_as_long_as_the_console() -> None:
    moves = Moves(None)
    await moves.add(move(1.0))
    assert await moves.of("lab") == (move(1.0),)
    assert await moves.of("other") == ()
    moves.close()


@given(st.binary(max_size=200))
def test_any_file_is_survived(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("moves") / "moves.jsonl"
    path.write_bytes(data)
    assert isinstance(_read(path), list)


def test_those_most_alike_count() -> None:
    speeds = Speeds(
        (
            move(1, gib=10, seconds=15),
            move(2, pair="pve1 pve3", gib=10, seconds=105),
            move(3, mode="offline", gib=10, seconds=205),
        )
    )
    assert speeds.of("live", "pve1", "pve2") == (1.0 * GIB, 1)
    # No live move between these yet: any live one.
    assert speeds.of("live", "pve4", "pve2")[1] == 2
    assert speeds.of("restart", "pve4", "pve2")[1] == 3
    assert Speeds().of("live") == (None, 0)
    assert Speeds(seen=(5.0,)).of("live") == (5.0, 1)
    assert ASSUMED_SPEED == GIB


def test_what_copies_nothing_tells_what_else_takes_time() -> None:
    speeds = Speeds(tuple(move(n, mode="restart", gib=0, seconds=40 + n) for n in range(5)))
    assert speeds.overhead("restart", managed=False) == 42
    assert speeds.overhead("restart", managed=True) == 40.0
    assert Speeds().overhead("live", managed=True) == 20.0
