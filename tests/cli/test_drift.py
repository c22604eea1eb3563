"""`labtui drift` and `labtui lookup`: forms, exit status, and what is said of what is away."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from labtui.cli.drift import as_markdown, as_record, drift, status_of
from labtui.cli.exits import Exit
from labtui.cli.reading import with_records
from labtui.config.schema import Config
from labtui.live.store import Store
from labtui.model.drift.whole import drift as drift_of
from labtui.model.feed import Feed
from labtui.model.inventory import Inventory
from labtui.model.records import refs
from labtui.model.records.index import first_inventory
from labtui.model.records.rules import Ignore
from labtui.model.snapshot import Snapshot
from labtui.views.drift import DRIFT
from labtui.views.lookup import sections
from tests.findings.labs import well
from tests.model.drift.test_network import held, shot
from tests.snapshots import NOW


def same() -> Snapshot:
    """Nothing differs: the networks of the links are known."""
    return shot(ignored=(Ignore("links", what="prefix", name="10.255.*"),))


def missing() -> Snapshot:
    return shot(machines=held(shot()).machines[1:])


def unseen() -> Snapshot:
    """The same with a token that sees only some of the machines."""
    links = (Ignore("links", what="prefix", name="10.255.*"),)
    machines = held(shot()).machines[1:]
    return shot(machines=machines, partly=(refs.MACHINES,), ignored=links)


def late(given: Snapshot, source: str) -> Snapshot:
    """The same with one source that was read long ago."""
    freshness = {
        feed: msgspec.structs.replace(fresh, read_at=NOW - 1000) if feed.source == source else fresh
        for feed, fresh in given.freshness.items()
    }
    return msgspec.structs.replace(given, freshness=freshness)


@pytest.mark.parametrize(
    ("given", "complete", "status"),
    [
        (same(), True, Exit.DONE),
        (missing(), True, Exit.FAILED),
        # What was seen to differ differs, whatever else could not be read.
        (missing(), False, Exit.FAILED),
        (same(), False, Exit.BLOCKED),
        (late(missing(), "netbox"), True, Exit.BLOCKED),
        # What the token may not see is not known to be missing.
        (unseen(), True, Exit.BLOCKED),
        (Snapshot(), True, Exit.BLOCKED),
    ],
)
def test_exit_status(given: Snapshot, complete: bool, status: Exit) -> None:
    assert status_of(drift_of(given), given, NOW, complete=complete) == status


def test_without_netbox_there_is_nothing_to_compare_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert drift(Config("x", "lab"), output="table") == Exit.USAGE
    assert "[netbox]" in capsys.readouterr().err


def test_json_has_both_sides_and_what_would_mend_it() -> None:
    given = shot(machines=held(shot()).machines[1:], url="https://netbox.example")
    record = json.loads(json.dumps(as_record(drift_of(given), given, NOW)))
    found = next(each for each in record["differences"] if each["what"] == "guest")
    assert (found["kind"], found["lab"], found["sure"]) == ("missing", "lab/100", "certain")
    assert found["mend"][0]["values"]["vmid"] == 100
    assert record["as_of"].endswith("Z")
    assert {"list": "plugins/bgp/session", "why": "empty"} in record["not_compared"]


def test_markdown_cannot_be_broken_by_names() -> None:
    machines = held(shot()).machines
    evil = msgspec.structs.replace(machines[0], name="a|b`c<script>")
    given = shot(machines=(evil, *machines[1:]))
    page = as_markdown(drift_of(given), given, NOW)
    line = next(line for line in page.splitlines() if "script" in line)
    assert "a\\|b\\`c\\<script>" in line
    assert line.replace("\\|", "").count("|") == 7


def test_netbox_away_is_told_as_of() -> None:
    given = late(missing(), "netbox")
    assert "it is away" in as_markdown(drift_of(given), given, NOW)
    rows = DRIFT.rows(given, NOW)
    assert all(DRIFT.aged(row, given, NOW) for row in rows)
    assert DRIFT.aged(DRIFT.rows(missing(), NOW)[0], missing(), NOW) is None


def test_the_pane_tells_what_is_meant_and_what_was_not_compared() -> None:
    given = same()
    rows = DRIFT.rows(given, NOW)
    assert rows
    assert not any(DRIFT.trouble(row, NOW) for row in rows)
    assert "meant so" in DRIFT.summary(rows, NOW).text
    text = str(DRIFT.details(rows[0], given, NOW))
    assert "links" in text
    assert "plugins/bgp/session" in text


def test_every_difference_can_be_drawn() -> None:
    inventory = held(shot())
    given = shot(
        machines=inventory.machines[2:],
        tunnels=inventory.tunnels[1:],
        tunnel_ends=inventory.tunnel_ends[1:],
        addresses=inventory.addresses[1:],
        devices=inventory.devices[1:],
        sites=tuple(msgspec.structs.replace(each, asns=(1,)) for each in inventory.sites),
    )
    rows = DRIFT.rows(given, NOW)
    assert len({row.what for row in rows}) > 4
    for row in rows:
        assert all(column.cell(row, NOW) is not None for column in DRIFT.columns)
        assert DRIFT.details(row, given, NOW)


def test_ipam_is_empty_without_netbox_and_has_every_prefix_with_it() -> None:
    from labtui.views.ipam import IPAM

    rows = IPAM.rows(well(), NOW)
    assert [IPAM.columns[0].cell(row, NOW).text for row in rows] == [
        each.prefix for _source, part in well().of(Inventory) for each in part.prefixes
    ]
    assert all(IPAM.details(row, well(), NOW) for row in rows)


def test_lookup_says_that_routers_are_being_asked() -> None:
    from labtui.model.lookup import Sightings, parse
    from labtui.model.lookup_names import lookup

    found = lookup(well(), parse("10.1.0.1"))
    assert "asking" in str(sections(found, None, well(), NOW))
    said = sections(found, Sightings(silent={"rt-a": "no answer"}), well(), NOW)
    assert "no answer" in str(said)
    nothing = lookup(well(), parse("nobody"))
    assert "nothing" in str(sections(nothing, None, well(), NOW))


async def test_who_asks_about_records_waits_for_netbox() -> None:
    store = Store("lab")
    feed = Feed("netbox", "netbox", "inventory")

    store.expect(feed, 30.0)
    lab: Any = SimpleNamespace(store=store)
    before = await with_records(lab, 0.01)
    assert first_inventory(before) is None
    waiting = asyncio.ensure_future(with_records(lab, 30.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    store.apply(feed, Inventory("4.6"), read_at=NOW, sequence=1)
    assert first_inventory(await waiting) is not None
