"""A node's certificates, updates, disks and network: answers about one node to the model."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.locale import _
from labtui.model.node_facts import Certificate, Disk, NetInterface, Update
from labtui.sources.proxmox.decode import Rows, Unfit, flag
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.values import real, whole, word, words

Complaints = tuple[str, ...]


class _CertificateRow(msgspec.Struct):
    filename: Any = None
    subject: Any = None
    issuer: Any = None
    notbefore: Any = None
    notafter: Any = None
    fingerprint: Any = None
    san: Any = None


class _UpdateRow(msgspec.Struct, rename="pascal"):
    package: Any = None
    old_version: Any = None
    version: Any = None
    origin: Any = None
    title: Any = None


class _DiskRow(msgspec.Struct):
    devpath: Any = None
    model: Any = None
    type: Any = None
    size: Any = None
    health: Any = None
    serial: Any = None
    used: Any = None
    wearout: Any = None


class _NetRow(msgspec.Struct):
    iface: Any = None
    type: Any = None
    active: Any = None
    cidr: Any = None
    cidr6: Any = None
    gateway: Any = None
    bridge_ports: Any = None
    slaves: Any = None
    ovs_ports: Any = None
    device: Any = msgspec.field(default=None, name="vlan-raw-device")
    vlan: Any = msgspec.field(default=None, name="vlan-id")
    ovs_tag: Any = None
    bridge_vlan_aware: Any = None
    bond_mode: Any = None
    mtu: Any = None
    comments: Any = None


_CERTIFICATES = Rows(_CertificateRow)
_UPDATES = Rows(_UpdateRow)
_DISKS = Rows(_DiskRow)
_NETS = Rows(_NetRow)


def read_certificates(
    body: bytes, question: Question
) -> tuple[tuple[Certificate, ...], Complaints]:
    """`GET /nodes/{node}/certificates/info`, the one that ends first before the others."""

    def row(row: _CertificateRow) -> Certificate:
        ends = real(row.notafter)
        if ends is None:
            raise Unfit(_("end of the certificate missing"))
        return Certificate(
            word(row.filename, 80),
            word(row.subject),
            word(row.issuer),
            real(row.notbefore) or 0.0,
            ends,
            word(row.fingerprint, 120),
            words(row.san),
        )

    made, complaints = _CERTIFICATES.read(body, question, row)
    return tuple(sorted(made, key=lambda each: (each.ends, each.name))), complaints


def read_updates(body: bytes, question: Question) -> tuple[tuple[Update, ...], Complaints]:
    """`GET /nodes/{node}/apt/update`: what that node's package lists have, by name."""

    def row(row: _UpdateRow) -> Update:
        name = word(row.package, 120)
        if not name:
            raise Unfit(_("name of the package missing"))
        return Update(
            name,
            word(row.old_version, 80),
            word(row.version, 80),
            word(row.origin, 80),
            word(row.title),
        )

    made, complaints = _UPDATES.read(body, question, row)
    return tuple(sorted(made, key=lambda each: each.package)), complaints


def read_disks(body: bytes, question: Question) -> tuple[tuple[Disk, ...], Complaints]:
    """`GET /nodes/{node}/disks/list`; `wearout` is `N/A` for what does not tell."""

    def row(row: _DiskRow) -> Disk:
        path = word(row.devpath, 120)
        if not path:
            raise Unfit(_("path of the disk missing"))
        return Disk(
            path,
            word(row.model, 80),
            word(row.type, 20),
            whole(row.size) or 0,
            word(row.health, 40),
            word(row.serial, 80),
            word(row.used, 40),
            whole(row.wearout),
        )

    made, complaints = _DISKS.read(body, question, row)
    return tuple(sorted(made, key=lambda each: each.path)), complaints


def read_network(body: bytes, question: Question) -> tuple[tuple[NetInterface, ...], Complaints]:
    """`GET /nodes/{node}/network`, by name."""

    def row(row: _NetRow) -> NetInterface:
        name = word(row.iface, 40)
        if not name:
            raise Unfit(_("name of the interface missing"))
        parts = words(row.bridge_ports) or words(row.slaves) or words(row.ovs_ports)
        vlan = whole(row.vlan) if row.vlan is not None else whole(row.ovs_tag)
        return NetInterface(
            name,
            word(row.type, 20),
            flag(row.active if isinstance(row.active, bool | int | str) else None),
            " ".join(filter(None, (word(row.cidr, 60), word(row.cidr6, 60)))),
            word(row.gateway, 60),
            parts or words(row.device),
            vlan,
            flag(row.bridge_vlan_aware if isinstance(row.bridge_vlan_aware, int | str) else None),
            word(row.bond_mode, 40),
            whole(row.mtu),
            word(row.comments),
        )

    made, complaints = _NETS.read(body, question, row)
    return tuple(sorted(made, key=lambda each: each.name)), complaints
