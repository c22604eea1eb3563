"""Every recorded answer of the menus that are read, as rows on a wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labtui.model.errors import Forbidden, LabError, NotFound, Refused, Rejected, Unexpected
from labtui.model.overlay import BgpSession, WireGuardPeer
from labtui.sources.routeros import bgp, read, sentences, values
from labtui.sources.routeros.probe import policies_of
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.traps import Trap, error_of, fatal, trap_of

DATA = Path(__file__).parents[2] / "data" / "routeros"
AT = 1_700_000_000.0


def rows_of(name: str, path: str = "") -> list[Row]:
    """All rows of a recording as texts, whatever form they were recorded in."""
    recording = json.loads((DATA / f"{name}.json").read_text())
    rows: list[Row] = []
    for sample in recording["samples"]:
        if sample.get("_path", path) != path:
            continue
        found: list[dict[str, Any]] = sample.get("rows", sample.get("rows_expanded", []))
        rows += [{key: on_wire(value) for key, value in row.items()} for row in found]
    assert rows, name
    return rows


def on_wire(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_peers() -> None:
    rows = rows_of("interface-wireguard-peers")
    complaints = read.Complaints("r1")
    peers = read.each("peers", rows, lambda row: read.peer("r1", row, AT), complaints)
    assert complaints.all == ()
    assert peers[0] == WireGuardPeer(
        router="r1",
        interface="wg1",
        public_key="bGFidHVpIHNhbXBsZSBwdWJsaWMgIGtleSBubyAwMDU=",
        name="peer2",
        current_endpoint="192.168.93.254:50610",
        allowed=("192.168.100.0/24",),
        handshake_at=AT - 20,
        rx=180,
        tx=92,
    )
    assert (peers[1].handshake_at, peers[1].rx) == (AT - 105, round(5.3 * 1024))


def test_peers_of_every_version() -> None:
    base = {"interface": "wg1", "public-key": "k="}
    assert read.peer("r", base, AT).handshake_at is None
    assert read.peer("r", base | {"last-handshake": ""}, AT).handshake_at is None
    assert read.peer("r", base | {"is-responder": "true"}, AT).responder
    assert read.peer("r", base | {"responder": "true"}, AT).responder
    assert read.peer("r", base | {"persistent-keepalive": "25s"}, AT).keepalive == 25
    assert read.peer("r", base | {"persistent-keepalive": "0s"}, AT).keepalive is None
    # A name or comment that looks like a number or a boolean stays a text.
    named = read.peer("r", base | {"name": "836", "comment": "no"}, AT)
    assert (named.name, named.comment) == ("836", "no")


def test_wireguard_interfaces() -> None:
    rows = rows_of("interface-wireguard")
    found = [read.interface("r1", row) for row in rows]
    assert {interface.name for interface in found} == {"wireguard1", "wg1", "wg2"}
    assert all(interface.listen_port in (13231, 13232) for interface in found)
    assert "private-key" not in read.WIREGUARD
    assert not {"private-key", "preshared-key"} & set(read.PEER)


def test_sessions() -> None:
    rows = rows_of("routing-bgp-session")
    sessions = {(one := bgp.session("r1", row, AT)).name: one for row in rows}
    assert all(session.established for session in sessions.values())
    assert sessions["bogon-1"] == BgpSession(
        router="r1",
        name="bogon-1",
        remote_address="10.10.100.56",
        remote_as=65533,
        local_address="10.10.100.57",
        local_as=65532,
        established=True,
        established_at=AT - values.duration("53m10s720ms"),
        prefixes=0,
        hold_time=180,
    )
    assert sessions["toR2"].limit_exceeded
    assert sessions["toR2"].sent == "too many prefixes"
    assert not sessions["toR2"].stopped
    assert sessions["unnumbered_2-1"].remote_address == "fe80::de2c:6eff:fec5:a7ff"
    assert sessions["ovpn_test1-1"].remote_address == "203.0.113.11"
    assert sessions["ovpn_test1-1"].hold_time is None
    assert sessions["to-bgw-leaf-2-1"].sent == "hold timer expired"
    assert sessions["bgp_evpn_to_Spine-1"].sent == "hold timer expired"
    fallen = sessions["PEER_TO_K3S_WN_1-1"]
    assert fallen.received == "the peer was removed from the configuration"
    assert fallen.last_stopped == "2024-12-18 17:10:46"


def test_a_session_that_is_down() -> None:
    for row in ({"name": "a-1"}, {"name": "a-1", "established": "false", "uptime": "5s"}):
        down = bgp.session("r1", row | {"stopped": ""}, AT)
        assert not down.established
        assert down.established_at is None
        assert down.stopped
        assert down.prefixes is None


def test_connections() -> None:
    rows = rows_of("routing-bgp-connection")
    found = {(one := bgp.connection("r1", row, {})).name: one for row in rows}
    assert (found["bgp1"].local_as, found["bgp1"].role) == (65521, "ibgp")
    assert found["bgp1"].remote_address == "0.0.0.0"
    assert found["bgp1"].listen
    assert found["c1"].role == "ebgp"
    assert found["unnumbered_2"].local_address == "sfp-sfpplus1"


def test_an_as_may_come_from_the_instance_or_the_template() -> None:
    complaints = read.Complaints("r1")
    path = "/routing/bgp/instance"
    instances = rows_of("routing-bgp-instance-template-vpn", path)
    shared = bgp.shared_as("instance", instances, complaints)
    assert shared["instance i1"] == 65001
    new = {"name": "a", "instance": "i1"}
    assert bgp.connection("r1", new, shared).local_as == 65001
    templates = rows_of("routing-bgp-instance-template-vpn", "/routing/bgp/template")
    shared = bgp.shared_as("template", templates, complaints)
    assert bgp.connection("r1", {"name": "a", "templates": "temp1"}, shared).local_as == 65000
    assert bgp.connection("r1", {"name": "a", "as": "1"}, shared).local_as == 1
    assert complaints.all == ()


def test_hints_are_the_routers_own_diagnosis() -> None:
    row = {"name": "a", "inactive": "true", ".about": "BFD session down"}
    found = bgp.connection("r1", row, {})
    assert (found.inactive, found.about) == (True, "BFD session down")


def test_peers_of_version_6() -> None:
    found = {
        connection.name: (connection, session)
        for connection, session in (
            bgp.peer6("r1", row, AT) for row in rows_of("v6-routing-bgp-peer")
        )
    }
    up = found["A Peer"][1]
    assert up.established
    assert up.established_at == AT - values.duration("19w4d13h22m21s")
    assert (up.prefixes, up.hold_time) == (1, 30)
    down = found["Hub01"][1]
    assert not down.established
    assert (down.established_at, down.prefixes) == (None, None)
    assert found["SRV-R1"][0].remote_as == 64501


def test_facts() -> None:
    complaints = read.Complaints("r1")
    identity = rows_of("system-identity-clock-package", "/system/identity")
    for resource in rows_of("system-resource"):
        found = read.facts("r1", "main", identity, [resource], [], complaints)
        assert found.identity == "MikroTik"
        assert values.version(found.version)[0] == 7
        assert found.board.startswith("CCR")
        assert found.uptime is not None
        assert found.uptime > 0
        assert found.memory_free is not None
        assert found.memory_total is not None
        assert 0 < found.memory_free < found.memory_total
    assert complaints.all == ()


def test_facts_with_a_field_that_cannot_be_read() -> None:
    complaints = read.Complaints("r1")
    resource = {"version": "7.20 (stable)", "uptime": "yesterday", "cpu-load": "3"}
    found = read.facts("r1", "", [], [resource], [], complaints)
    assert (found.version, found.uptime, found.cpu_load) == ("7.20", None, 3)
    assert len(complaints.all) == 1
    with pytest.raises(Unexpected):
        read.facts("r1", "", [], [{}], [], complaints)


def test_addresses() -> None:
    rows = rows_of("ip-address", "/ipv6/address/print")
    found = [read.address(row) for row in rows]
    assert found[0].interface == "ether2"
    assert found[0].address == "10.0.0.111/24"
    assert [read.link_local(row) for row in rows].count(True) == 1


EXPECTED_TRAPS: dict[str, type[LabError]] = {
    "interrupted": Rejected,
    "no such command": NotFound,
    "no such command prefix": NotFound,
    "no such command or directory (remove)": NotFound,
    "no such directory": NotFound,
    "no such item": NotFound,
    "no such item (4)": NotFound,
    "not enough permissions (9)": Forbidden,
    "invalid user name or password (6)": Refused,
    "cannot log in": Refused,
    "could not authenticate - radius timeout": Refused,
    "not logged in": Refused,
    "access denied": Forbidden,
}


def test_every_recorded_trap() -> None:
    recording = json.loads((DATA / "traps.json").read_text())
    for entry in recording["messages"]:
        category = entry.get("category")
        trap = Trap(int(category) if category else None, entry["message"])
        error = error_of([trap], "/x/print", "r1")
        assert type(error) is EXPECTED_TRAPS.get(entry["message"], Rejected), entry
        assert entry["message"] in error.why
    for entry in recording["fatal"]:
        assert fatal(entry["words"][1], "r1").why == entry["words"][1]


def test_every_recorded_sentence() -> None:
    recording = json.loads((DATA / "api-sentences.json").read_text())
    kinds: set[str] = set()
    for transcript in recording["transcripts"]:
        for kind, *words in transcript["received"]:
            kinds.add(kind)
            if kind == "!fatal":
                assert fatal(words[0], "r1").why == words[0]
                continue
            real = [word for word in words if not word.startswith("(")]
            tag, row = sentences.attributes(real)
            tagged = [word for word in real if word.startswith(".tag=")]
            assert [f".tag={tag}"] == tagged if tagged else tag is None
            assert len(row) == len(real) - len(tagged)
            if kind == "!trap":
                trap = trap_of(row)
                assert trap.interrupted == (row["message"] == "interrupted")
                assert row["message"] in error_of([trap], "/x", "r1").why
    assert kinds == {"!re", "!done", "!trap", "!fatal", "!empty"}


def test_policies_of_a_group() -> None:
    (group,) = rows_of("user", "/user/group/print")
    granted = policies_of([group])
    assert granted is not None
    assert {"api", "read", "sensitive"} <= set(granted)
    assert not {"write", "!write", "ftp"} & set(granted)
    assert policies_of([]) is None


def test_categories_come_first_then_texts() -> None:
    assert isinstance(error_of([Trap(0, "nothing here")], "/x", "r"), NotFound)
    assert isinstance(error_of([Trap(0, "unknown parameter foo")], "/x", "r"), Rejected)
    assert isinstance(error_of([Trap(0, "not enough permissions (9)")], "/x", "r"), Forbidden)
    several = [Trap(2, "interrupted"), Trap(None, "failure: 301 Moved Permanently")]
    error = error_of(several, "/tool/fetch", "r")
    assert error.why == "failure: 301 Moved Permanently"
    assert error_of([Trap(None, "")], "/x", "r").why


def test_rows_that_cannot_be_read_are_named() -> None:
    complaints = read.Complaints("r1")
    rows = [
        {"interface": "wg1", "public-key": "k=", "rx": "lots"},
        {},
        {"interface": "wg1", "public-key": "l=", "rx": "1"},
        {"interface": "\x1b[2J\nwg", "rx": "1"},
    ]
    kept = read.each("peers", rows, lambda row: read.peer("r1", row, AT), complaints)
    assert [peer.public_key for peer in kept] == ["l="]
    assert len(complaints.all) == 3
    assert all(text.isprintable() for text in complaints.all)
    with pytest.raises(Unexpected):
        read.each("peers", rows[:2], lambda row: read.peer("r1", row, AT), complaints)


def test_complaints_do_not_grow_without_end() -> None:
    complaints = read.Complaints("r1")
    for number in range(50):
        complaints.say(str(number))
    assert len(complaints.all) == 21
    assert complaints.all[-1] == "and 30 more rows"
