"""Quiet: what flickers is held, what is put aside stands back, and what is planned is no alarm."""

from __future__ import annotations

import msgspec

from labtui.findings import Mark, Triage, Watch
from labtui.findings.quiet import FLAP_HELD, HELD_FOR
from labtui.model.jobs import Job
from labtui.model.snapshot import Part, Snapshot
from tests.findings.labs import (
    cluster,
    default_guests,
    ended,
    failing,
    lab,
    overlay,
    records,
    twice,
    watched,
    well,
)
from tests.snapshots import NOW, config, configs

NODE = "node-down:lab/pve3"


def gone(now: float = NOW) -> Snapshot:
    return lab(now, overlay(now), cluster(away=["pve3"]), records())


def told(seen: Triage) -> list[str]:
    return [cause.finding.id for cause in seen.causes]


def after(watch: Watch, *looks: tuple[float, Snapshot]) -> tuple[Watch, Triage]:
    seen = Triage()
    for now, shot in looks:
        watch, seen = watch.look(shot, now)
    return watch, seen


def test_what_is_certain_is_told_at_once_and_what_is_likely_after_a_moment() -> None:
    assert told(watched((NOW, gone()))) == [NODE]
    silent = failing(well(), "rt-c", NOW - 100)
    peers = {(s, link): {"rx_rate": 0.0} for link, s in (("ac", "a"), ("bc", "b"))}
    dark = failing(lab(NOW, overlay(NOW, peers=peers)), "rt-c", NOW - 100)
    assert "site-dark:c" not in told(watched((NOW, dark)))
    assert told(watched(*twice(dark)))[:1] == ["site-dark:c"]
    assert "router-silent:rt-c" in told(watched((NOW, silent)))


def test_what_is_gone_is_held_for_a_moment_and_then_let_go() -> None:
    watch, _seen = after(Watch(), (NOW, gone()))
    later, seen = after(watch, (NOW + HELD_FOR - 1, well(NOW + HELD_FOR - 1)))
    assert told(seen) == [NODE]
    assert seen.causes[0].standing.clearing
    _watch, seen = after(later, (NOW + HELD_FOR + 1, well(NOW + HELD_FOR + 1)))
    assert told(seen) == []


def test_what_comes_and_goes_stays_until_it_has_been_quiet_for_long() -> None:
    watch, now = Watch(), NOW
    for _ in range(3):
        watch, _seen = after(watch, (now, gone(now)), (now + 60, well(now + 60)))
        now += 120
    _watch, seen = after(watch, (now, well(now)))
    assert NODE in told(seen)
    assert seen.causes[0].standing.flapping
    assert seen.causes[0].standing.comings == 3
    now += FLAP_HELD
    assert NODE not in told(after(watch, (now, well(now)))[1])


def test_looks_far_apart_do_not_make_it_flap() -> None:
    watch, seen = Watch(), Triage()
    for step in range(6):
        watch, seen = after(watch, (NOW + 100 * step, gone(NOW + 100 * step)))
    assert seen.causes[0].standing.comings == 1
    assert seen.causes[0].standing.first == NOW


def test_what_somebody_has_seen_stands_behind_the_rest_until_it_is_over() -> None:
    shot = lab(NOW, overlay(NOW, peers=ended(NOW, "ab")), cluster(away=["pve3"]), records())
    watch, seen = after(Watch(), (NOW, shot))
    assert told(seen)[0] == NODE
    assert seen.count("critical") == 1
    mark = Mark(NODE, "ack", "amy", "the fan is being replaced", NOW, "critical")
    watch, seen = after(watch.marked(mark), (NOW + 5, shot))
    assert told(seen)[-1] == NODE
    assert seen.causes[-1].standing.mark == mark
    assert seen.count("critical") == 0
    assert told(after(watch.unmarked(NODE), (NOW + 6, shot))[1])[0] == NODE
    later = NOW + 5000
    watch, _seen = after(watch, (later, well(later)))
    assert watch.marks == ()


def test_a_snooze_ends_and_no_mark_hides_what_has_become_worse() -> None:
    watch, _seen = after(Watch(), (NOW, gone()))
    snooze = Mark(NODE, "snooze", "amy", "in the morning", NOW, "critical", NOW + 60)
    watch, seen = after(watch.marked(snooze), (NOW + 5, gone()))
    assert seen.causes[0].quiet
    watch, seen = after(watch, (NOW + 61, gone()))
    assert not seen.causes[0].quiet
    assert watch.marks == ()
    milder = msgspec.structs.replace(snooze, until=None, severity="warning")
    assert not after(watch.marked(milder), (NOW + 62, gone()))[1].causes[0].quiet


def test_planned_work_is_no_alarm() -> None:
    nodes = {"pve3": {"ha_state": "maintenance"}}
    shot = lab(NOW, overlay(NOW), cluster(away=["pve3"], nodes=nodes), records())
    seen = watched((NOW, shot))
    assert seen.count("critical") == 0
    assert seen.causes[0].finding.planned
    job = Job("1", "evacuate", "lab/pve3", "evacuate pve3", "running", NOW - 60)
    seen = watched((NOW, msgspec.structs.replace(gone(), jobs=(job,))))
    assert seen.count("critical") == 0


def test_the_first_minute_is_marked() -> None:
    watch, seen = after(Watch(), (NOW, well()))
    assert seen.settling
    assert not after(watch, (NOW + 61, well(NOW + 61)))[1].settling


def test_what_is_old_says_of_when_it_is() -> None:
    shot = failing(gone(NOW - 300), "lab", NOW - 300, kind="unreachable")
    found = {f.rule: f for f in watched((NOW, shot)).findings}
    assert found["node-down"].as_of == NOW - 300
    assert "source-silent" in found


def test_of_many_of_a_kind_only_the_number_is_told() -> None:
    first = default_guests()[0]
    many = tuple(msgspec.structs.replace(first, vmid=500 + n, name="x") for n in range(40))
    seen = watched(*twice(lab(NOW, overlay(NOW), cluster(*many), records())))
    missing = [finding for finding in seen.findings if finding.rule == "record-missing"]
    assert len(missing) == 1
    assert missing[0].count == 40
    assert len(missing[0].hits.guests) == 40


def test_a_watch_can_be_kept_on_disk() -> None:
    watch, _seen = after(Watch(), (NOW, well()), (NOW + 10, gone(NOW + 10)))
    mark = Mark(NODE, "ack", "amy", "known", NOW, "critical")
    watch = watch.marked(mark)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(watch), type=Watch)
    assert again == watch
    assert after(again, (NOW + 20, gone(NOW + 20)))[1].causes[0].quiet


def test_a_guest_that_nobody_wants_to_run_may_stop() -> None:
    off = tuple(
        msgspec.structs.replace(each, status="stopped") if each.vmid == 101 else each
        for each in default_guests()
    )
    severities = []
    for onboot in (True, False):
        known: list[tuple[str, Part]] = [("lab", configs(config(101, onboot=onboot)))]
        shots = [
            (NOW, lab(NOW, cluster(), known)),
            (NOW + 60, lab(NOW + 60, cluster(*off), known)),
        ]
        severities += [f.severity for f in watched(*shots).findings if f.rule == "guest-stopped"]
    assert severities == ["warning", "notice"]


def test_what_was_an_effect_is_left_over_for_a_while() -> None:
    dark = failing(
        lab(NOW, overlay(NOW, peers=ended(NOW, "ac", "bc")), cluster(away=("pve3",)), records()),
        "rt-c",
        NOW - 100,
    )

    def mended(now: float) -> Snapshot:
        """Its router and its lines are there; its node is not yet."""
        return lab(now, overlay(now), cluster(away=("pve3",)), records())

    watch, triage = Watch(), Triage()
    for now in (NOW, NOW + 10):
        watch, triage = watch.look(dark, now)
    assert [each.finding.id for each in triage.causes][:1] == ["site-dark:c"]
    effects = {each.id for tree in triage.causes[0].effects for each in tree.all()}
    assert not triage.left
    for now in (NOW + 40, NOW + 60):
        watch, triage = watch.look(mended(now), now)
    roots = {each.finding.id for each in triage.causes}
    assert "site-dark:c" not in roots
    assert triage.left == roots & effects != frozenset()
    for now in (NOW + 120, NOW + 150):
        watch, triage = watch.look(mended(now), now)
    assert not triage.left
    assert {each.finding.id for each in triage.causes} & effects
