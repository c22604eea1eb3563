"""L2TP and IPsec: the client and its monitor, the server, who is connected, keys and policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labtui.demo.overlay.backup import CLIENT, SECRETS, SERVER, BackupLine
from labtui.demo.overlay.devices import Record
from labtui.demo.routeros.menu import FIRST, Command, Context, Menu, Parameter, Replies, Trap
from labtui.demo.routeros.records import record_menu, single_menu
from labtui.demo.routeros.values import boolean, duration

_LIFE = 1800.0
_SOFT = 0.8


def _line(context: Context, record: Record) -> BackupLine | None:
    return next((line for line in context.world.lines if line.record is record), None)


def _running(context: Context, record: Record) -> str:
    line = _line(context, record)
    return boolean(line is not None and line.up_since is not None)


async def _monitor(
    context: Context, targets: Sequence[Record], attributes: Mapping[str, str]
) -> Replies:
    """One frame: this monitor is only bounded with `once`."""
    if "once" not in attributes:
        raise Trap("failure: monitor without once is not offered here")
    for record in targets:
        line = _line(context, record)
        status = line.status if line is not None else "dialing"
        words = ["!re", f"=status={'disabled' if record.disabled else status}"]
        if line is not None and line.up_since is not None:
            words += [
                f"=uptime={duration(context.world.now - line.up_since)}",
                "=encoding=",
                f"=mtu={line.mtu}",
                f"=mru={line.mtu}",
                f"=local-address={line.inner[1]}",
                f"=remote-address={line.inner[0]}",
            ]
        yield words
    yield ["!done"]


def _calls(context: Context, *, server: bool) -> list[BackupLine]:
    return [
        line
        for line in context.world.lines
        if (line.server if server else line.client) is context.router
    ]


def _keyed(context: Context) -> list[tuple[BackupLine, bool]]:
    """Lines whose keys are in place, and whether this router answers."""
    found = []
    for line in context.world.lines:
        responder = line.server is context.router
        mine = responder or line.client is context.router
        if mine and line.uses_ipsec and line.keyed_since is not None:
            found.append((line, responder))
    return found


def _ends(line: BackupLine, responder: bool) -> tuple[str, str]:
    near, far = line.client.public_address, line.server.public_address
    return (far, near) if responder else (near, far)


def _connected(context: Context) -> list[Record]:
    rows = []
    for line in _calls(context, server=True):
        if line.up_since is None:
            continue
        values = {
            "name": line.record.get("user"),
            "service": "l2tp",
            "caller-id": line.client.public_address,
            "address": line.inner[1],
            "uptime": duration(context.world.now - line.up_since),
            "encoding": "",
            "session-id": f"0x{0x81600000 + line.number:x}",
            "limit-bytes-in": "0",
            "limit-bytes-out": "0",
            "radius": "false",
        }
        rows.append(Record(line.number, values))
    return rows


def _server_faces(context: Context) -> list[Record]:
    rows = []
    for line in _calls(context, server=True):
        if line.up_since is None:
            continue
        user = line.record.get("user")
        values = {
            "name": f"<l2tp-{user}>",
            "user": user,
            "mtu": str(line.mtu),
            "mru": str(line.mtu),
            "caller-id": line.client.public_address,
            "client-address": line.client.public_address,
            "uptime": duration(context.world.now - line.up_since),
            "encoding": "",
            "running": "true",
            "dynamic": "true",
            "disabled": "false",
        }
        rows.append(Record(line.server_face_number, values))
    return rows


def _active_peers(context: Context) -> list[Record]:
    rows = []
    for line, responder in _keyed(context):
        near, far = _ends(line, responder)
        now = context.world.now
        seen = min(now - (line.lost_at or now), now) if line.lost_at else now % 20.0
        values = {
            "local-address": near,
            "port": "500",
            "remote-address": far,
            "state": "established",
            "side": "responder" if responder else "initiator",
            "uptime": duration(now - (line.keyed_since or now)),
            "last-seen": duration(seen),
            "ph2-total": "1",
        }
        if responder:
            values["responder"] = "true"
        rows.append(Record(line.number, values))
    # Somebody knocks and gets no answer, or one that makes no sense to him.
    for line in _calls(context, server=False):
        if line.uses_ipsec and line.keyed_since is None and not line.record.disabled:
            state = "message-3-sent" if line.reaches(context.world.now) else "message-1-sent"
            near, far = _ends(line, responder=False)
            waiting = {"local-address": near, "remote-address": far, "state": state}
            rows.append(Record(line.number, {**waiting, "port": "500", "side": "initiator"}))
    return rows


def _associations(context: Context) -> list[Record]:
    rows = []
    for line, responder in _keyed(context):
        near, far = _ends(line, responder)
        age = context.world.now - (line.keyed_since or context.world.now)
        round_, passed = divmod(age, _LIFE * _SOFT)
        for index, (source, target) in enumerate(((far, near), (near, far))):
            chance = context.world.underlay.chance("spi", line.number, int(round_), source)
            incoming = (source == line.server.public_address) is True
            values = {
                "spi": f"0x{int(chance * 0xFFFFFFF):X}",
                "src-address": source,
                "dst-address": target,
                "state": "mature",
                "auth-algorithm": "sha1",
                "enc-algorithm": "aes-cbc",
                "enc-key-size": "256",
                "add-lifetime": f"{duration(_LIFE * _SOFT)}/{duration(_LIFE)}",
                "replay": "128",
                "ESP": "true",
                "seen-traffic": "true",
                "current-bytes": str(line.octets(context.world.now, to_client=incoming)),
                "addtime": duration(passed),
            }
            rows.append(Record(2 * line.number + index, values))
    return rows


def _mine(context: Context) -> list[tuple[BackupLine, bool]]:
    return [
        (line, line.server is context.router)
        for line in context.world.lines
        if context.router in (line.server, line.client) and line.uses_ipsec
    ]


def _policies(context: Context) -> list[Record]:
    rows = []
    for line, responder in _mine(context):
        near, far = _ends(line, responder)
        up = line.keyed_since is not None
        if responder and not up:
            continue
        values = {
            "peer": _peer_name(line, responder),
            "src-address": f"{near}/32",
            "src-port": "1701",
            "dst-address": f"{far}/32",
            "dst-port": "1701" if responder else "any",
            "protocol": "udp",
            "action": "encrypt",
            "level": "unique" if responder else "require",
            "ipsec-protocols": "esp",
            "tunnel": "false",
            "sa-src-address": near,
            "sa-dst-address": far,
            "proposal": "default",
            "ph2-count": "1" if up else "0",
            "ph2-state": "established" if up else "no-phase2",
            "active": boolean(up),
            "dynamic": "true",
            "invalid": "false",
            "disabled": "false",
        }
        rows.append(Record(line.number, values))
    return rows


def _peer_name(line: BackupLine, responder: bool) -> str:
    return "l2tp-in-server" if responder else line.face.name


def _peers(context: Context) -> list[Record]:
    found: dict[str, Record] = {}
    for line, responder in _mine(context):
        name = _peer_name(line, responder)
        values = {
            "name": name,
            "profile": "default",
            "exchange-mode": "main",
            "passive": boolean(responder),
            "send-initial-contact": boolean(not responder),
            "dynamic": "true",
            "disabled": "false",
        }
        if not responder:
            values["address"] = f"{line.server.public_address}/32"
        found.setdefault(name, Record(line.number, values))
    return list(found.values())


def _identities(context: Context) -> list[Record]:
    found: dict[str, Record] = {}
    for line, responder in _mine(context):
        name = _peer_name(line, responder)
        owner = line.server.single[SERVER] if responder else line.record
        values = {
            "peer": name,
            "auth-method": "pre-shared-key",
            "secret": owner.get("ipsec-secret"),
            "generate-policy": "port-strict" if responder else "no",
            "dynamic": "true",
            "disabled": "false",
        }
        found.setdefault(name, Record(line.number, values))
    return list(found.values())


def _both(
    path: str, made: Callable[[Context], list[Record]]
) -> Callable[[Context], Sequence[Record]]:
    """What somebody configured, and what the router made itself."""
    return lambda context: [*context.router.table(path), *made(context)]


_MONITOR: Command[Record] = Command("monitor", "read", _monitor, (Parameter("once"),))

CALLS: tuple[Menu[Record], ...] = (
    record_menu(
        CLIENT, living={"running": _running}, commands=(_MONITOR,), since=FIRST, unique=True
    ),
    record_menu("/interface/l2tp-server", rows=_server_faces, since=FIRST),
    single_menu(SERVER, since=FIRST),
    record_menu(SECRETS, since=FIRST, unique=True),
    record_menu("/ppp/active", rows=_connected, since=FIRST),
    record_menu("/ip/ipsec/active-peers", rows=_active_peers, since=FIRST, key="id"),
    record_menu("/ip/ipsec/installed-sa", rows=_associations, since=FIRST, key="spi"),
    record_menu(
        "/ip/ipsec/policy", rows=_both("/ip/ipsec/policy", _policies), since=FIRST, key="peer"
    ),
    record_menu("/ip/ipsec/peer", rows=_both("/ip/ipsec/peer", _peers), since=FIRST),
    record_menu(
        "/ip/ipsec/identity",
        rows=_both("/ip/ipsec/identity", _identities),
        since=FIRST,
        key="peer",
    ),
    record_menu("/ip/ipsec/profile", since=FIRST),
    record_menu("/ip/ipsec/proposal", since=FIRST),
)
