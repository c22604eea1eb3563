"""`labtui check`: try every endpoint, show what was found, say what to do; `--trust` pins."""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from pathlib import Path

import msgspec

from labtui.cli.exits import Exit, failed
from labtui.cli.output import STYLES, padded
from labtui.cli.reading import asker, quiet_logs
from labtui.config.pin import PinTable, write_pin
from labtui.config.schema import Config
from labtui.config.tls import CertificateFacts
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.sources.netbox.probe import NetboxReport
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.proxmox.probe import EndpointReport
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.routeros.probe import AddressProbe, Probe
from labtui.sources.routeros.source import RouterSource
from labtui.views.view import Role

_SOON = 30 * 86400


class Finding(msgspec.Struct, frozen=True):
    """One endpoint as `check` shows it: what was found, what is missing, what failed."""

    table: PinTable
    name: str
    endpoint: str
    found: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    certificate: CertificateFacts | None = None
    problem: Problem | None = None


def check(config: Config, trust: str, *, sure: bool) -> int:
    """Try everything (or show and pin one server's certificates); 1 when something failed."""
    names = [c.name for c in config.proxmox] + [r.name for r in config.routers]
    if config.netbox is not None:
        names.append("netbox")
    if trust and trust not in names:
        sys.stderr.write(
            _("labtui: no '{name}' in the configuration: {names}\n").format(
                name=trust, names=" ".join(names)
            )
        )
        return Exit.USAGE
    codes = asker(config)
    with quiet_logs():
        findings = asyncio.run(_probe_all(config, codes, trust))
    _show(findings)
    if trust:
        return _trust(config, findings, sure=sure)
    return Exit.FAILED if any(finding.problem for finding in findings) else Exit.DONE


async def _probe_all(config: Config, codes: dict[str, str], only: str) -> list[Finding]:
    """Ask all servers at once; each is bounded by its own limits."""
    probes = [
        *(
            _proxmox(ProxmoxSource(c, partial(_code, codes, c.name), ssh=config.ssh))
            for c in config.proxmox
            if only in ("", c.name)
        ),
        *(_router(RouterSource(r, ssh=config.ssh)) for r in config.routers if only in ("", r.name)),
    ]
    if config.netbox is not None and only in ("", "netbox"):
        probes.append(_netbox(NetboxSource(config.netbox)))
    return [finding for findings in await asyncio.gather(*probes) for finding in findings]


def _code(codes: dict[str, str], cluster: str) -> str:
    return codes.get(cluster, "")


async def _proxmox(source: ProxmoxSource) -> list[Finding]:
    try:
        return [_of_endpoint(source.name, report) for report in await source.probe()]
    finally:
        await source.close()


def _of_endpoint(name: str, report: EndpointReport) -> Finding:
    found = (f"Proxmox VE {report.version}" if report.version else "", report.user)
    lacks = tuple(
        _("{privilege} on {path}: {lost}").format(
            privilege=right.privilege, path=right.path, lost=_(right.lost)
        )
        for right in report.missing
    )
    return Finding(
        "proxmox",
        name,
        report.endpoint,
        (*found, _milliseconds(report.latency)),
        lacks,
        report.certificate,
        report.problem,
    )


async def _router(source: RouterSource) -> list[Finding]:
    try:
        return _of_router(await source.probe())
    finally:
        await source.close()


def _of_router(probe: Probe) -> list[Finding]:
    return [_of_address(probe.router, found) for found in probe.addresses]


def _of_address(name: str, found: AddressProbe) -> Finding:
    told = [f"RouterOS {found.version}" if found.version else "", found.identity, found.board]
    lacks = []
    for account in found.accounts:
        policies = (
            _("policies not told") if account.policies is None else " ".join(account.policies)
        )
        if account.problem is None:
            told.append(f"{account.username} ({policies})")
        else:
            lacks.append(f"{account.username}: {account.problem.sentence}")
    if found.tls in ("off", "anonymous"):
        lacks.append(
            _("nothing proves that this is the router (tls = {mode})").format(mode=found.tls)
        )
    return Finding(
        "router",
        name,
        found.address,
        (*told, _milliseconds(found.latency)),
        tuple(lacks),
        found.certificate,
        found.problem,
    )


async def _netbox(source: NetboxSource) -> list[Finding]:
    try:
        return [_of_netbox(await source.probe())]
    finally:
        await source.close()


def _of_netbox(report: NetboxReport) -> Finding:
    version = f"NetBox {report.version}" if report.version else ""
    lacks = tuple(_("the token may not see {path}").format(path=path) for path in report.hidden)
    found = (version, report.user, _milliseconds(report.latency))
    return Finding("netbox", "netbox", report.url, found, lacks, report.certificate, report.problem)


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f} ms"


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for finding in findings:
        role, word = _verdict(finding)
        head = Text.assemble(
            (padded(word, 6), STYLES[role]),
            (f" {finding.name}  {finding.endpoint}  ", "bold"),
            "  ".join(text for text in finding.found if text),
        )
        console.print(head)
        for line in _certificate_lines(finding.certificate):
            console.print(Text(f"         {line}", style="dim"))
        for line in finding.lacks:
            console.print(Text(f"         ! {line}", style="yellow"))
        if finding.problem is not None:
            console.print(Text(f"         {finding.problem.sentence}", style="red"))
            if finding.problem.remedy:
                console.print(Text(f"         > {finding.problem.remedy}"))


def _verdict(finding: Finding) -> tuple[Role, str]:
    if finding.problem is not None:
        return "bad", _("FAILED")
    return ("warn", _("lacks")) if finding.lacks else ("good", _("good"))


def _certificate_lines(certificate: CertificateFacts | None) -> list[str]:
    if certificate is None:
        return []
    ends = time.strftime("%Y-%m-%d", time.localtime(certificate.not_after))
    left = certificate.not_after - time.time()
    when = _("valid until {day}").format(day=ends)
    if left < 0:
        when = _("EXPIRED on {day}").format(day=ends)
    elif left < _SOON:
        when = _("ENDS SOON, on {day}").format(day=ends)
    return [f"{certificate.subject}  {when}", f"SHA-256 {certificate.sha256}"]


def _trust(config: Config, findings: list[Finding], *, sure: bool) -> int:
    """Pin every certificate that the server's endpoints show, after saying so."""
    pins = list(dict.fromkeys(f.certificate.sha256 for f in findings if f.certificate is not None))
    silent = [finding.endpoint for finding in findings if finding.certificate is None]
    if not pins:
        sys.stderr.write(_("labtui: no certificate was shown, nothing to pin\n"))
        return Exit.FAILED
    for endpoint in silent:
        sys.stderr.write(
            _("labtui: {endpoint} showed none and is left out\n").format(endpoint=endpoint)
        )
    first = findings[0]
    sys.stdout.write(
        _("Compare with what the server itself says, then {count} pin(s) go into {path}.\n").format(
            count=len(pins), path=config.path
        )
    )
    if not sure and not _agreed():
        return Exit.USAGE
    try:
        write_pin(Path(config.path), first.table, first.name, pins[0] if len(pins) == 1 else pins)
    except LabError as error:
        return failed(error)
    sys.stdout.write(_("Pinned.\n"))
    return Exit.DONE


def _agreed() -> bool:
    if not sys.stdin.isatty():
        sys.stderr.write(_("labtui: not a terminal: give --yes to go on without being asked\n"))
        return False
    sys.stdout.write(_("Pin? [y/N] "))
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")
