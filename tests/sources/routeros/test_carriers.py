"""Rows of calls, IPsec, VXLAN, OSPF and routes as structs; rubbish never raises anything else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.interfaces import Association, Interface
from labtui.model.routes import RouteAnswer, covering
from labtui.sources.routeros import carriers, history, ospf, read, routes
from labtui.sources.routeros.sentences import Row

DATA = Path(__file__).parents[2] / "data" / "routeros"
FIELDS = sorted({*carriers.INTERFACE, *carriers.CLIENT, *carriers.SERVER, *carriers.PEER,
                 *carriers.ACTIVE, *carriers.POLICY, *carriers.SA, *carriers.VXLAN, *ospf.TEMPLATE,
                 *ospf.INTERFACE, *ospf.NEIGHBOUR, *routes.COVER, *routes.LEARNT})  # fmt: skip
PARSERS: dict[str, Callable[[Row], Any]] = {
    "interface": lambda row: carriers.interface("r", row),
    "client": lambda row: carriers.client("r", row),
    "caller": lambda row: carriers.caller("r", row),
    "peer": lambda row: carriers.peer("r", row, [row]),
    "active": lambda row: carriers.active("r", row, 1e9),
    "policy": lambda row: carriers.policy("r", row),
    "association": carriers.association,
    "vxlan": lambda row: carriers.vxlan("r", row, [row]),
    "instance": ospf.instance,
    "area": ospf.area,
    "template": ospf.template,
    "ospf interface": ospf.interface,
    "neighbour": lambda row: ospf.neighbour(row, 1e9),
    "learnt": routes.learnt,
    "hop": routes.hop,
}
SECRET = ("password", "secret", "auth-key", "enc-key", "private-key", "ipsec-secret", "ppk-secret")


def rows(name: str, path: str = "") -> list[Row]:
    """What was recorded of a menu: whole rows, booleans as the API writes them."""
    found: list[Row] = []
    for sample in json.loads((DATA / f"{name}.json").read_text())["samples"]:
        if path and path not in sample.get("_path", ""):
            continue
        for row in sample.get("rows_expanded", sample.get("rows", [])):
            found.append({key: _plain(value) for key, value in row.items()})
    return found


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("parser", PARSERS)
@given(row=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20) | st.sampled_from(
    ("true", "1m", "192.0.2.1", "10.0.0.1%ether1", "0.0.0.0/0", "4294967296", "a,b"))))  # fmt: skip
def test_no_row_is_too_strange(parser: str, row: Row) -> None:
    with contextlib.suppress(ValueError):
        PARSERS[parser](row)


def test_no_secret_is_ever_asked_for() -> None:
    asked = (carriers.CLIENT, carriers.SERVER, carriers.PEER, carriers.IDENTITY, carriers.SA,
             carriers.ACTIVE, carriers.POLICY, ospf.TEMPLATE)  # fmt: skip
    assert not {field for fields in asked for field in fields} & {*SECRET, "key"}


def test_recorded_ipsec_rows() -> None:
    active = [carriers.active("r", row, 1e6) for row in rows("ip-ipsec", "active-peers")]
    assert active[0].state == "established"
    assert active[0].since == 1e6 - (5 * 3600 + 9 * 60 + 14)
    assert active[0].phase2 == 3
    pairs = [carriers.association(row) for row in rows("ip-ipsec", "installed-sa")]
    sums = carriers.summed("r", pairs)
    assert {(one.source, one.destination) for one in sums} == {
        ("203.0.113.150", "198.51.100.50"),
        ("198.51.100.50", "203.0.113.150"),
    }
    assert all(one.mature == 1 for one in sums)


def test_recorded_neighbours_calls_and_vxlans() -> None:
    found = [ospf.neighbour(row, 1e7) for row in rows("routing-ospf-neighbor")]
    assert {one.state for one in found} == {"Full"}
    assert found[0].since == 1e7 - (41 * 60 + 28)
    call = carriers.client("r", rows("l2tp-ppp", "l2tp-client")[0])
    assert (call.name, call.peer_address, call.running) == ("l2tp-out1", "192.0.2.4", False)
    vxlan = carriers.vxlan("r", rows("interface-vxlan")[0], [])
    assert (vxlan.vni, vxlan.port, vxlan.running) == (1, 8472, True)


def test_a_peer_for_everybody_has_no_address() -> None:
    named: Row = {"name": "p", "address": "203.0.113.9/32", "passive": "false"}
    assert carriers.peer("r", named, []).address == "203.0.113.9"
    for address in ("0.0.0.0/0", "::/0", ""):
        assert carriers.peer("r", {**named, "address": address}, []).address == ""


CLOCKS = [
    ({"date": "2024-05-17", "time": "17:58:11", "gmt-offset": "+01:00"}, 1715965091.0),
    ({"date": "jul/21/2023", "time": "10:00:47", "gmt-offset": "+03:00"}, 1689922847.0),
]


@pytest.mark.parametrize(("row", "moment"), CLOCKS)
def test_both_forms_of_a_clock(row: Row, moment: float) -> None:
    complaints = read.Complaints("r")
    assert read.clock_ahead([row], moment - 120, complaints) == pytest.approx(120.5)
    assert complaints.all == ()
    assert read.clock_ahead([], moment, complaints) is None
    assert read.clock_ahead([{"date": "today", "time": "?"}], moment, complaints) is None
    assert complaints.all


def test_sensors_of_both_versions() -> None:
    seven = [{"name": "cpu-temperature", "value": "51", "type": "C"}]
    six: list[Row] = [{"voltage": "24.3V", "temperature": "46C"}]
    assert [(s.name, s.value, s.unit) for s in read.sensors(seven)] == [
        ("cpu-temperature", "51", "C")]  # fmt: skip
    assert [(s.name, s.value, s.unit) for s in read.sensors(six)] == [
        ("voltage", "24.3", "V"), ("temperature", "46", "C")]  # fmt: skip
    assert read.sensors([]) == ()


def _face(rx: int | None) -> Interface:
    return Interface("r", "e", rx=rx, tx=rx)


def test_a_rate_needs_two_readings_and_a_counter_that_did_not_fall() -> None:
    flows = history.Flows()
    told = ((100, 10.0), (400, 20.0), (50, 30.0), (150, 35.0), (None, 40.0), (900, 45.0))
    seen = [flows.settle([_face(rx)], at)[0] for rx, at in told]
    assert [one.rx_rate for one in seen] == [None, 30.0, None, 20.0, None, None]
    assert (seen[1].span, seen[3].span) == (10.0, 5.0)
    sums = history.Flows()
    sums.rated([Association("r", "a", "b", octets=10)], 1.0)
    assert sums.rated([Association("r", "a", "b", octets=110)], 11.0)[0].rate == 10.0


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0.1, 1e4)), min_size=1, max_size=8))
def test_no_rate_is_ever_negative(steps: list[tuple[int, float]]) -> None:
    flows, now = history.Flows(), 0.0
    for count, elapsed in steps:
        now += elapsed
        (one,) = flows.settle([_face(count)], now)
        assert one.rx_rate is None or one.rx_rate >= 0


def test_the_way_of_a_packet_is_the_longest_active_prefix() -> None:
    found = [
        routes.hop({"dst-address": "0.0.0.0/0", "gateway": "192.0.2.1", "active": "true",
                    "immediate-gw": "192.0.2.1%ether1", "distance": "1", "static": "true"}),
        routes.hop({"dst-address": "10.1.0.0/16", "gateway": "10.255.0.1", "active": "true",
                    "immediate-gw": "10.255.0.1%wg-1", "distance": "20", "bgp": "true"}),
        routes.hop({"dst-address": "10.1.2.0/24", "gateway": "10.255.0.5", "distance": "20",
                    "immediate-gw": "10.255.0.5%wg-2", "bgp": "true"}),
    ]  # fmt: skip
    taken = RouteAnswer("r", "10.1.2.3", tuple(found)).taken
    assert taken is not None
    assert (taken.interface, taken.kind, taken.gateway) == ("wg-1", "bgp", "10.255.0.1")
    assert RouteAnswer("r", "10.1.2.3").taken is None
    old = routes.hop({"dst-address": "10.0.0.0/8", "gateway": "10.0.0.1", "active": "true",
                      "gateway-status": "10.0.0.1 reachable via  ether5"})  # fmt: skip
    assert old.interface == "ether5"


@given(st.ip_addresses())
def test_every_prefix_that_could_cover_an_address_is_named_once(address: Any) -> None:
    found = covering(str(address))
    assert len(found) == len(set(found)) == address.max_prefixlen + 1
    assert found[0].startswith(f"{address}/")


def test_alternatives_as_words_of_a_query() -> None:
    assert routes.either("a", ["1"]) == ("?a=1",)
    assert routes.either("a", ["1", "2", "3"]) == ("?a=1", "?a=2", "?a=3", "?#|", "?#|")
