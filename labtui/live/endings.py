"""What comes of jobs beside themselves: what one has changed is read, what was cut off is shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from labtui.actions.action import subjects
from labtui.actions.evacuation.book import cut_off
from labtui.live.jobs import Jobs
from labtui.live.steps import Books
from labtui.live.wire import Cluster
from labtui.model.errors import LabError
from labtui.model.jobs import Job

_log = logging.getLogger(__name__)
CHANGED = frozenset(("resources", "configs", "tasks"))
"""The topics that are read anew after a job."""
OVERLAY = frozenset(("facts", "wireguard", "bgp", "interfaces", "inventory"))
"""Those after a job on routers."""
RECORDS = frozenset(("inventory", *CHANGED))
"""Those after one that ends differences, or has NetBox hand something out."""


def ask_anew(job: Job, clusters: Mapping[str, Cluster]) -> None:
    """Have the configurations of its guests read next: an edit leaves no other trace."""
    for key in subjects(job.subject):
        cluster, _slash, vmid = key.partition("/")
        source = clusters.get(cluster)
        if source is not None and vmid.isdecimal():
            source.ask_config(int(vmid))


def changed_by(job: Job) -> frozenset[str]:
    """The topics that may be others after that job."""
    if job.action in ("difference.mend", "prefix.allocate"):
        return RECORDS
    return OVERLAY if job.action.startswith(("link.", "tunnel.", "session.")) else CHANGED


async def offer(jobs: Jobs, books: Books) -> None:
    """Show what an earlier console was cut off from."""
    try:
        jobs.offer(cut_off(await books.records()))
    except LabError as error:
        _log.warning("journals of steps not read: %s", error.kind)
