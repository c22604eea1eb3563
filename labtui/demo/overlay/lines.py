"""The lab's backup lines: L2TP calls with OSPF over them, and BGP where no WireGuard can be.

They are derived from the lab: the second site calls the first, the third the fourth. A site whose
router runs RouterOS 6 calls the first site that runs 7, and speaks BGP over the call as well.
"""

from __future__ import annotations

import random

from labtui.demo.lab import Lab, Site
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.backup import CLIENT, SECRETS, SERVER, BackupLine
from labtui.demo.overlay.builder import DAY, Parts
from labtui.demo.overlay.configuration import add, single
from labtui.demo.overlay.devices import BgpConnection, Port, Record, Router
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.ospf import (
    AREAS,
    BACKBONE,
    INSTANCES,
    OLD_NETWORKS,
    TEMPLATES,
    Neighbourhood,
)
from labtui.demo.overlay.underlay import Underlay

FIRST_LINE = 201
_KEY_WORD = "demo-psk-{}"
_CALL_WORD = "demo-call-{}"


def _pairs(lab: Lab) -> list[tuple[Site, Site]]:
    """Server and client of every line."""
    new = [site for site in lab.sites if not site.router_version.startswith("6.")]
    old = [site for site in lab.sites if site.router_version.startswith("6.")]
    pairs = [(new[0], new[1])] if len(new) > 1 else []
    if len(new) > 3:
        pairs.append((new[3], new[2]))
    return pairs + [(new[0], site) for site in old if new]


def add_lines(lab: Lab, parts: Parts, now: float, underlay: Underlay) -> None:
    """Build the lines, up since long before `now`."""
    for index, (one, other) in enumerate(_pairs(lab)):
        server, client = parts.routers[one.router], parts.routers[other.router]
        line = _line(lab, FIRST_LINE + index, server, client, underlay)
        line.keyed_since = now - 2 * DAY - 611.0 * (index + 1)
        line.up_since = line.keyed_since + 2.0
        parts.lines.append(line)
        _ospf(server, line)
        _ospf(client, line)
        hood = Neighbourhood(line.number, line, since=line.up_since + 1.0)
        parts.neighbourhoods.append(hood)
        if client.major < 7:
            parts.adjacencies.append(_session(line, server, client, now))


def _line(lab: Lab, number: int, server: Router, client: Router, underlay: Underlay) -> BackupLine:
    dice = random.Random(lab.seed * 1000 + number)
    host = 4 * (number - FIRST_LINE)
    inner = (f"10.255.64.{host + 1}", f"10.255.64.{host + 2}")
    word = _CALL_WORD.format(number)
    _serve(server)
    add(
        server,
        SECRETS,
        name=f"site-{client.site}",
        service="l2tp",
        password=word,
        profile="default-encryption",
        local_address=inner[0],
        remote_address=inner[1],
        disabled="false",
    )
    name = f"l2tp-{server.site}"
    record = _caller(server, client, word)
    face = Port(6, name, "l2tp-out", 1450, "")
    record.number = face.number
    client.ports.append(face)
    server.line_addresses.add(inner[0])
    client.line_addresses.add(inner[1])
    flows = (Flow(dice.uniform(400, 900)), Flow(dice.uniform(400, 900)))
    line = BackupLine(
        number, server, client, record, face, inner, dice.uniform(0.004, 0.015), underlay, flows
    )
    line.server_face_number = 0xF00000 + number
    return line


def _serve(server: Router) -> None:
    """The menu of the server, on when it has its first caller."""
    if SERVER not in server.single:
        single(
            server,
            SERVER,
            enabled="true",
            max_mtu="1450",
            max_mru="1450",
            mrru="disabled",
            authentication="mschap2",
            keepalive_timeout="30",
            default_profile="default-encryption",
            use_ipsec="required",
            ipsec_secret=_KEY_WORD.format("all"),
            accept_proto_version="all",
            accept_pseudowire_type="all",
            allow_fast_path="false",
            caller_id_type="ip-address",
            max_sessions="unlimited",
            one_session_per_host="false",
            l2tpv3_circuit_id="",
            l2tpv3_cookie_length="0",
            l2tpv3_digest_hash="md5",
            l2tpv3_ether_interface_list="",
        )


def _caller(server: Router, client: Router, word: str) -> Record:
    """The client's interface."""
    return add(
        client,
        CLIENT,
        name=f"l2tp-{server.site}",
        connect_to=server.public_address,
        user=f"site-{client.site}",
        password=word,
        profile="default-encryption",
        keepalive_timeout="60",
        use_ipsec="true",
        ipsec_secret=server.single[SERVER].get("ipsec-secret"),
        add_default_route="false",
        allow="mschap2",
        max_mtu="1450",
        max_mru="1450",
        disabled="false",
        comment=f"backup to {server.site}",
    )


def _ospf(router: Router, line: BackupLine) -> None:
    server = router is line.server
    face = f"<l2tp-{line.record.get('user')}>" if server else line.face.name
    if router.major < 7:
        _old_ospf(router, line)
        return
    _ospf_instance(router)
    for name, passive in ((face, False), ("bridge-lan", True)):
        if any(row.get("interfaces") == name for row in router.table(TEMPLATES)):
            continue
        row = add(
            router,
            TEMPLATES,
            area="backbone",
            interfaces=name,
            type="ptp" if not passive else "broadcast",
            instance_id="0",
            retransmit_interval="5s",
            transmit_delay="1s",
            hello_interval="10s",
            dead_interval="40s",
            priority="128",
            cost="100" if not passive else "1",
            disabled="false",
            inactive="false",
        )
        if passive:
            row.values["passive"] = ""


def _ospf_instance(router: Router) -> None:
    """One instance and the backbone, however many lines there are."""
    if not router.table(INSTANCES):
        add(
            router,
            INSTANCES,
            name="ospf-lab",
            version="2",
            router_id=router.loopback,
            vrf="main",
            routing_table="main",
            disabled="false",
            inactive="false",
        )
        add(
            router,
            AREAS,
            name="backbone",
            instance="ospf-lab",
            area_id=BACKBONE,
            type="default",
            disabled="false",
            inactive="false",
        )


def _old_ospf(router: Router, line: BackupLine) -> None:
    add(router, INSTANCES, name="default", router_id=router.loopback, disabled="false")
    add(
        router,
        AREAS,
        name="backbone",
        instance="default",
        area_id=BACKBONE,
        type="default",
        disabled="false",
    )
    prefix = line.inner[1].rpartition(".")[0]
    for network in (f"{prefix}.0/24", router.subnet):
        add(router, OLD_NETWORKS, network=network, area="backbone", disabled="false")


def _session(line: BackupLine, server: Router, client: Router, now: float) -> Adjacency:
    """BGP over a call."""
    speakers = []
    for side, (router, other) in enumerate(((server, client), (client, server))):
        face = f"<l2tp-{line.record.get('user')}>" if router is server else line.face.name
        connection = BgpConnection(
            1 + len(router.connections),
            f"to-{other.site}",
            face,
            line.inner[side],
            router.asn,
            line.inner[1 - side],
            other.asn,
        )
        router.connections.append(connection)
        phase = (line.number * 13.0 + side * 29.0) % 60.0
        speaker = Speaker(router, router.site, connection, router.loopback, phase)
        session = speaker.row()
        session.established = True
        session.started = now - DAY - 977.0
        speakers.append(speaker)
    return Adjacency(line.number, line, speakers[0], speakers[1])
