"""What changed in the lab is in the log, once."""

from __future__ import annotations

import msgspec
import pytest

from labtui.live.changes import Changes
from labtui.model.snapshot import Snapshot
from tests.snapshots import membership, snapshot


def look(changes: Changes, *, quorate: bool = True, **online: bool) -> None:
    changes.look(snapshot(("lab", membership(quorate, **online))))


def test_nodes_and_quorum(caplog: pytest.LogCaptureFixture) -> None:
    changes = Changes()
    look(changes, pve1=True, pve2=True, pve3=True)
    assert caplog.messages == []
    look(changes, pve1=True, pve2=False, pve3=True)
    look(changes, pve1=True, pve2=False, pve3=True)
    look(changes, quorate=False, pve1=True, pve2=False, pve3=False)
    look(changes, pve1=True, pve2=True, pve4=True)
    assert caplog.messages == [
        "lab: node pve2 is gone",
        "lab: NO QUORUM, was quorate",
        "lab: node pve3 is gone",
        "lab: quorate, was NO QUORUM",
        "lab: node pve2 is back",
        "lab: node pve4 is new",
        "lab: node pve3 is no member any more",
    ]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_what_is_only_remembered_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    changes = Changes()
    old = snapshot(("lab", membership(pve1=False)))
    remembered = {
        feed: msgspec.structs.replace(fresh, remembered=True)
        for feed, fresh in old.freshness.items()
    }
    changes.look(Snapshot(parts=old.parts, freshness=remembered))
    look(changes, pve1=True)
    assert caplog.messages == []
