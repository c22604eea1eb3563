"""What `labtui check` wants to know of an endpoint: reached, certificate, user, missing rights."""

from __future__ import annotations

import time

import msgspec

from labtui.config.tls import CertificateFacts, peer_certificate
from labtui.locale import N_, _
from labtui.model.cluster import Rights
from labtui.model.errors import LabError, Problem
from labtui.sources.proxmox.client import Client
from labtui.sources.proxmox.endpoint import Endpoint
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.status import read_privileges, read_version

_LIMIT = 8.0


class MissingRight(msgspec.Struct, frozen=True):
    """A right that the console wants on a path, and what will not work without it."""

    privilege: str
    path: str
    lost: str


class EndpointReport(msgspec.Struct, frozen=True):
    """One endpoint. `latency` is seconds for one small answer over a connection that stands.

    `certificate` is what the server showed, verified or not; `problem` is the first failure.
    """

    endpoint: str
    reached: bool
    latency: float | None = None
    version: str = ""
    certificate: CertificateFacts | None = None
    user: str = ""
    missing: tuple[MissingRight, ...] = ()
    problem: Problem | None = None


# Any of the privileges will do (the agent's was another one before version 9).
_WANTED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("VM.Audit",), "/vms", N_("guests are not listed")),
    (("Sys.Audit",), "/", N_("no quorum, HA state, PCI devices")),
    (("Sys.Audit",), "/nodes", N_("no figures of nodes, no tasks of others")),
    (("Datastore.Audit",), "/storage", N_("storages are not listed")),
    (("Mapping.Audit", "Mapping.Use", "Mapping.Modify"), "/mapping", N_("no PCI mappings")),
    (("VM.Migrate",), "/vms", N_("guests cannot be moved")),
    (("VM.PowerMgmt",), "/vms", N_("guests cannot be started or stopped")),
    (("Sys.PowerMgmt",), "/nodes", N_("nodes cannot be rebooted, shut down, woken")),
    (("Sys.Syslog",), "/nodes", N_("no system logs of nodes")),
)


async def probe_endpoint(endpoint: Endpoint, user: str) -> EndpointReport:
    """Ask that endpoint alone. Never raises a `LabError`: failures are in the report."""

    def work(client: Client) -> EndpointReport:
        return _probe(client, endpoint, user)

    try:
        # The certificate, signing in and three calls, each with a limit of its own.
        return await endpoint.run(work, 4 * _LIMIT, _("asking the endpoint"))
    except LabError as error:
        # The certificate is of use just when it was not accepted, and the client was never made.
        return EndpointReport(endpoint.where, reached=False, user=user, problem=error.problem)


def _probe(client: Client, endpoint: Endpoint, user: str) -> EndpointReport:
    certificate: CertificateFacts | None = None
    version = ""
    latency: float | None = None
    try:
        certificate = peer_certificate(endpoint.address, _LIMIT / 2)[1]
        question = Question(_("asking the endpoint"), endpoint.where, "/version")
        version = read_version(client.get(question, {}, _LIMIT), question)
        began = time.monotonic()
        client.get(question, {}, _LIMIT)
        latency = time.monotonic() - began
        question = Question(_("reading our rights"), endpoint.where, "/access/permissions")
        held = read_privileges(client.get(question, {}, _LIMIT), question)
    except LabError as error:
        return EndpointReport(
            endpoint.where,
            error.kind not in ("unreachable", "timed-out", "tls"),
            latency,
            version,
            certificate,
            user,
            problem=error.problem,
        )
    return EndpointReport(
        endpoint.where,
        reached=True,
        latency=latency,
        version=version,
        certificate=certificate,
        user=user,
        missing=missing_rights(Rights(user, version, *held)),
    )


def missing_rights(held: Rights) -> tuple[MissingRight, ...]:
    """The rights that the console wants and that are not held for a whole tree.

    A right on single guests only counts as missing here: what it allows is told by the server.
    """
    return tuple(
        MissingRight(_(" or ").join(wanted), path, _(lost))
        for wanted, path, lost in _WANTED
        if not any(held.allows(privilege, path) for privilege in wanted)
    )
