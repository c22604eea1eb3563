"""Rates of counters and moments that do not tremble."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.overlay import BgpSession, WireGuardPeer
from labtui.sources.routeros.history import Peers, Sessions


def peer(rx: int, tx: int, handshake_at: float | None = None) -> WireGuardPeer:
    return WireGuardPeer("r1", "wg1", "k=", rx=rx, tx=tx, handshake_at=handshake_at)


def rates(history: Peers, rx: int, tx: int, at: float) -> tuple[float | None, float | None]:
    (settled,) = history.settle([(peer(rx, tx), True)], at)
    return settled.rx_rate, settled.tx_rate


def test_rates_come_from_two_readings() -> None:
    history = Peers()
    assert rates(history, 100, 1000, 10.0) == (None, None)
    assert rates(history, 600, 1000, 15.0) == (100.0, 0.0)
    assert rates(history, 50, 1500, 20.0) == (None, 100.0), "a counter that fell was reset"
    assert rates(history, 100, 1500, 25.0) == (10.0, 0.0)


def test_readings_in_quick_succession_keep_the_rate() -> None:
    history = Peers()
    rates(history, 0, 0, 10.0)
    assert rates(history, 500, 0, 15.0) == (100.0, 0.0)
    assert rates(history, 900, 0, 15.1) == (100.0, 0.0)
    assert rates(history, 1500, 0, 20.0) == (200.0, 0.0)


def test_a_clock_that_was_set_back_gives_no_rate() -> None:
    history = Peers()
    rates(history, 0, 0, 1000.0)
    assert rates(history, 500, 0, 10.0) == (None, None)


def test_absent_counters_are_not_zero() -> None:
    history = Peers()
    rates(history, 10_000_000, 0, 10.0)
    (unknown,) = history.settle([(peer(0, 0), False)], 15.0)
    assert unknown.rx_rate is None
    assert rates(history, 10_000_100, 0, 20.0) == (None, None)


def test_handshakes_do_not_tremble() -> None:
    history = Peers()
    moments = [
        history.settle([(peer(0, 0, moment), True)], 1.0)[0].handshake_at
        for moment in (100.0, 101.2, 99.0, 103.0, 105.0, None, 104.0)
    ]
    assert moments == [100.0, 100.0, 100.0, 100.0, 105.0, None, 104.0]


def test_sessions_do_not_tremble() -> None:
    history = Sessions()
    found = [
        history.settle([BgpSession("r1", "a-1", established_at=moment)])[0].established_at
        for moment in (100.0, 101.9, None, 101.9)
    ]
    assert found == [100.0, 100.0, None, 101.9]


@given(
    st.lists(
        st.tuples(st.integers(0, 1 << 63), st.integers(0, 1 << 63), st.floats(0, 1e10)),
        max_size=6,
    )
)
def test_rates_are_never_negative(readings: list[tuple[int, int, float]]) -> None:
    history = Peers()
    for rx, tx, at in readings:
        for rate in rates(history, rx, tx, at):
            assert rate is None or (rate >= 0 and math.isfinite(rate))
