"""What carries plans out, put together: wire, jobs, their books, moves remembered, audit.

Made when the lab begins to be read, or somebody asks for it: the first frame is drawn without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.actions.action import Action
from labtui.config.schema import Config
from labtui.live.audit import Audit
from labtui.live.endings import ask_anew, changed_by
from labtui.live.holdback import Holdback
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.keeping import KeepingWire
from labtui.live.moves import Moves
from labtui.live.steps import Books
from labtui.live.store import Store
from labtui.live.wire import Desk, LiveWire
from labtui.model.jobs import Job

if TYPE_CHECKING:
    from labtui.sources.proxmox.source import ProxmoxSource


class Acting:
    """All that writes, behind one gate. `journal` is the file of jobs; None keeps nothing.

    `history` is the file of what happened, for what is shown of it.
    """

    def __init__(
        self,
        config: Config,
        actions: Sequence[Action],
        store: Store,
        gate: Holdback,
        book: Journal,
        journal: Path | None,
        clusters: Mapping[str, ProxmoxSource],
        desks: Mapping[str, Desk],
        read_now: Callable[[frozenset[str]], None],
        clock: Callable[[], float],
        history: Path | None = None,
    ) -> None:
        self._clusters = clusters
        self._read_now = read_now
        self.books = Books(journal.parent / "evacuations" if journal is not None else None)
        self.moves = Moves(journal.parent / "moves.jsonl" if journal is not None else None)
        self.audit = Audit.of(config, journal, gate)
        wire = LiveWire(
            store,
            clusters,
            gate=gate,
            max_age=config.safety.max_age,
            clock=clock,
            desks=desks,
            link_rules=config.links,
        )
        self.wire = KeepingWire(wire, self.books, self.moves, history)
        self.jobs = Jobs(store, self.wire, actions, book, self.wire.lent, self._ended, self.audit)

    def _ended(self, job: Job) -> None:
        """What it has changed is read at once."""
        ask_anew(job, self._clusters)
        self._read_now(changed_by(job))

    def close(self) -> None:
        """Let go of jobs and files; what the cluster does goes on."""
        self.jobs.close()
        self.books.close()
        self.audit.close()
        self.moves.close()
