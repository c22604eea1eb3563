"""Findings about what nodes are built of: certificates that end, disks that fail."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Remedy, Severity, words
from labtui.findings.host_place import DAY, Place, about, builds
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.node_facts import Certificate, Disk, NodesBuild

_ENDS_SOON, _ENDS = 30 * DAY, 7 * DAY
# Proxmox VE renews the certificate that its own authority made two weeks before its end.
_RENEWED = 14 * DAY
_OWN_CERTIFICATE, _AUTHORITY = "pve-ssl.pem", "pve-root-ca.pem"
_WORN, _WORN_OUT = 10, 3


def _certificates(sight: Sight) -> Iterator[Finding]:
    for place, fact in builds(sight):
        for certificate in fact.certificates or ():
            left = certificate.ends - sight.now
            if left < _ENDS_SOON:
                yield _certificate(sight, place, certificate, left)


def _certificate(sight: Sight, place: Place, found: Certificate, left: float) -> Finding:
    values = {"name": found.name, "node": place.node}
    days = int(left // DAY)
    says = words(N_("the certificate {name} of {node} ends in {days} days"), **values, days=days)
    if days < 2:
        says = words(N_("the certificate {name} of {node} ends by tomorrow"), **values)
    if left <= 0:
        says = words(N_("the certificate {name} of {node} has ended"), **values)
    evidence: tuple[Evidence, ...] = ()
    late = found.name == _OWN_CERTIFICATE and left < _RENEWED
    if late:
        text = words(N_("it is renewed two weeks before its end, and was not"))
        evidence = (Evidence(text, source=place.node),)
    remedy = words(N_("`pvecm updatecerts --force` on {node}, then restart pveproxy"),
                   node=place.node)  # fmt: skip
    if found.name not in (_OWN_CERTIFICATE, _AUTHORITY):
        remedy = words(N_("order it anew, or put a new one in place of it"))
    return about(
        sight,
        "certificate-ends",
        place,
        "warning" if left < _ENDS or late else "notice",
        says,
        noun="certificate",
        part=found.name,
        evidence=evidence,
        remedies=(remedy,),
    )


def _disks(sight: Sight) -> Iterator[Finding]:
    for place, fact in builds(sight):
        for disk in fact.disks or ():
            worn = disk.wearout is not None and disk.wearout <= _WORN
            if disk.failing or worn:
                yield _disk(sight, place, disk)


def _disk(sight: Sight, place: Place, disk: Disk) -> Finding:
    says = words(N_("SMART says that {disk} of {node} is failing"), disk=disk.path,
                 node=place.node)  # fmt: skip
    told = words(N_("its health is {health}"), health=disk.health)
    severity: Severity = "warning"
    if not disk.failing:
        left = disk.wearout or 0
        says = words(N_("{disk} of {node} has {percent} % of its life left"), disk=disk.path,
                     node=place.node, percent=left)  # fmt: skip
        told = words(N_("what SMART says of its wear"))
        severity = "warning" if left <= _WORN_OUT else "notice"
    return about(
        sight,
        "disk-failing",
        place,
        severity,
        says,
        noun="disk",
        part=disk.path,
        evidence=(Evidence(told, source=f"{disk.model} {disk.serial}".strip()),),
        remedies=(
            Remedy(words(N_("move what is on it elsewhere, then replace it")), "node.evacuate",
                   "nodes", place.key),
            words(N_("`smartctl -a {disk}` on {node} tells more"), disk=disk.path,
                  node=place.node),
        ),
    )  # fmt: skip


BUILD_RULES = (
    Rule("certificate-ends", "cluster", (NodesBuild,), _certificates),
    Rule("disk-failing", "cluster", (NodesBuild,), _disks),
)
