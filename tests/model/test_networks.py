"""Which network lies in which: the quick answer is that of the standard library."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.networks import Inside, Network, network_of, within


def of_four(bits: int, length: int) -> Network:
    return IPv4Network((bits << 24 & 0xFFFFFFFF, length), strict=False)


def of_six(bits: int, length: int) -> Network:
    return IPv6Network((bits << 120, length), strict=False)


NETWORKS = st.one_of(
    st.builds(of_four, st.integers(0, 255), st.integers(0, 32)),
    st.builds(of_six, st.integers(0, 255), st.integers(0, 128)),
)


@given(st.lists(NETWORKS, max_size=8), NETWORKS)
def test_one_is_covered_when_any_of_ours_has_it(ours: list[Network], asked: Network) -> None:
    inside = Inside(ours)
    told = any(within(asked, each) for each in ours)
    assert inside.covers(str(asked)) is told
    assert inside.covers(str(asked)) is told


@given(NETWORKS, NETWORKS)
def test_nothing_of_one_version_lies_in_the_other(one: Network, other: Network) -> None:
    if one.version != other.version:
        assert not within(one, other)
    else:
        assert within(one, other) == one.subnet_of(other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "network"),
    [("10.1.2.3/16", "10.1.0.0/16"), ("2001:db8::1/64", "2001:db8::/64"), ("", None), ("x", None)],
)
def test_what_a_text_means(text: str, network: str | None) -> None:
    found = network_of(text)
    assert (str(found) if found is not None else None) == network
    assert not Inside([]).covers(text)
