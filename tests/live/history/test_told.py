"""Causes: told, worse, over; and what a fresh start takes up of an earlier one."""

from __future__ import annotations

import msgspec

from labtui.findings import Cause, Finding, Mark, Standing, Subject, Tree, Triage, Watch, Words
from labtui.findings.affected import Affected
from labtui.findings.finding import Severity
from labtui.live.history.compare import Key, Known
from labtui.live.history.priming import from_kept, kept_form, resumed
from labtui.live.history.told import OVER, Notice, said_of, told
from labtui.locale import _
from labtui.model.events import Said, put_together
from tests.snapshots import NOW, cluster_lab, guest


def finding(name: str, severity: Severity = "critical", **more: object) -> Finding:
    subject = Subject("node", f"lab/{name}", name, "nodes")
    inner = Words("{n} guests", (("n", 3),))
    values = (("name", name), ("hit", inner))
    words = Words("{name} is away: {hit} were on it", values)
    made = Finding("node-down", subject, "node", severity, words, NOW - 30)
    return msgspec.structs.replace(made, **more)


def cause(one: Finding, *effects: Finding, mark: Mark | None = None) -> Cause:
    tree = Tree(one, tuple(Tree(each) for each in effects))
    return Cause(tree, one.severity, Affected(), Standing(NOW - 20, mark=mark))


class Teller:
    """Tells one triage after the other, as the writer does."""

    def __init__(self) -> None:
        self.known: dict[Key, Known] = {}
        self.texts: dict[str, Said] = {}
        self.seen: frozenset[str] = frozenset()
        self.said: list[str] = []

    def tell(self, *causes: Cause, now: float = NOW, **more: object) -> list[Notice]:
        triage = msgspec.structs.replace(Triage(causes), **more)
        self.seen |= {each.id for each in triage.findings}
        found = told(self.known, self.texts, triage, now, self.seen)
        self.texts.update({notice.key: notice.said for notice in found.notices})
        for change in found.changes:
            self.known[change.key] = change.known
            if change.event is not None:
                self.said.append(put_together(change.event.said, _))
        return list(found.notices)

    def news(self, *causes: Cause, **more: object) -> list[str]:
        return [notice.news for notice in self.tell(*causes, **more)]  # type: ignore[arg-type]


def test_a_cause_is_told_once_and_once_when_it_is_over() -> None:
    teller = Teller()
    (notice,) = teller.tell(cause(finding("pve3")))
    assert (notice.news, notice.severity, notice.since) == ("new", "critical", NOW - 30)
    assert teller.news(cause(finding("pve3"))) == []
    (over,) = teller.tell(now=NOW + 60)
    assert (over.news, over.severity, over.since) == ("over", "critical", NOW - 30)
    assert teller.news() == []
    assert teller.said == [
        "pve3 is away: 3 guests were on it",
        "over: pve3 is away: 3 guests were on it",
    ]
    assert teller.news(cause(finding("pve3"))) == ["new"]


def test_worse_is_told_and_less_bad_is_only_written_down() -> None:
    teller = Teller()
    teller.tell(cause(finding("pve3", "warning")))
    assert teller.news(cause(finding("pve3", "critical"))) == ["worse"]
    assert teller.news(cause(finding("pve3", "warning"))) == []
    assert teller.said[1:] == [
        "worse: pve3 is away: 3 guests were on it",
        "less bad now: pve3 is away: 3 guests were on it",
    ]


def test_what_became_the_effect_of_another_is_neither_over_nor_new() -> None:
    teller = Teller()
    teller.tell(cause(finding("pve3")))
    assert teller.news(cause(finding("site"), finding("pve3"))) == ["new"]
    assert teller.news(cause(finding("pve3")), cause(finding("site"))) == []
    assert teller.known["cause", "node-down:lab/pve3"].value == "critical"


def test_nothing_is_told_in_the_first_minute_nor_of_what_is_put_aside_or_planned() -> None:
    teller = Teller()
    assert teller.news(cause(finding("pve3")), settling=True) == []
    assert teller.said == []
    mark = Mark("node-down:lab/pve3", "ack", "amy", "disk swap", NOW, "critical")
    aside = cause(finding("pve3"), mark=mark)
    assert teller.news(aside) == []
    assert teller.news(aside, cause(finding("pve4", "notice", planned=True))) == []
    assert len(teller.said) == 2


def test_what_an_earlier_start_told_is_not_over_while_a_source_is_unread() -> None:
    teller = Teller()
    teller.tell(cause(finding("pve3")))
    fresh = Teller()
    fresh.known, fresh.texts = teller.known, teller.texts
    assert fresh.news(unread=("836",)) == []
    assert fresh.news(cause(finding("pve3")), unread=("836",)) == []
    # Now it has been seen by this one, so its end is too.
    assert fresh.news(unread=("836",)) == ["over"]
    assert fresh.known["cause", "node-down:lab/pve3"].value == OVER


def test_words_stay_messages_so_that_each_reader_has_them_in_its_language() -> None:
    said = said_of(finding("pve3").words)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=Said) == said
    book = {"{n} guests": "{n} 台", "{name} is away: {hit} were on it": "{name}: {hit}"}
    assert put_together(said, book.__getitem__) == "pve3: 3 台"
    assert put_together(Said("{nothing}", ()), _) == "{nothing}"
    assert put_together(Said("{0.__class__}", (("x", "y"),)), _) == "{0.__class__}"


def test_since_times_survive_a_restart_and_the_first_minute_begins_anew() -> None:
    lab = cluster_lab(guest(104, "pve3"), pve1=True, pve2=True, pve3=False)
    watch, _triage = Watch().look(lab, NOW)
    watch, first = watch.look(lab, NOW + 70)
    assert first.causes and not first.settling
    kept = from_kept(kept_form(watch))
    assert kept == watch
    later = NOW + 600
    fresh = {
        feed: msgspec.structs.replace(each, read_at=later) for feed, each in lab.freshness.items()
    }
    again = msgspec.structs.replace(lab, freshness=fresh)
    assert kept is not None
    _watch, taken_up = resumed(kept, later).look(again, later)
    assert taken_up.settling
    names = {each.finding.id: each.standing.first for each in taken_up.causes}
    assert names["node-down:lab/pve3"] == NOW
    _watch, anew = Watch().look(again, later)
    assert {each.finding.id: each.standing.first for each in anew.causes}[
        "node-down:lab/pve3"
    ] == later


def test_flapping_survives_a_restart() -> None:
    there, away = cluster_lab(), cluster_lab(pve1=True, pve2=True, pve3=False)
    watch, now = Watch(), NOW
    for _round in range(3):
        for seen in (away, there):
            fresh = {
                feed: msgspec.structs.replace(each, read_at=now)
                for feed, each in seen.freshness.items()
            }
            watch, _triage = watch.look(msgspec.structs.replace(seen, freshness=fresh), now)
            now += 30
    kept = from_kept(kept_form(watch))
    assert kept is not None
    taken_up = resumed(kept, now)
    assert taken_up.memory.entries["node-down:lab/pve3"].flaps(now)


def test_what_is_no_watch_is_not_taken_up() -> None:
    for data in (b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa6memory\x01", b"x" * 100):
        assert from_kept(data) is None, data
    assert from_kept(b"\x81\xa7history\xa1x") is None


def test_what_is_left_of_a_cause_that_is_over_is_told_when_it_lasts() -> None:
    teller = Teller()
    dark, line = finding("702"), finding("702 = 836")
    assert teller.news(cause(dark, line)) == ["new"]
    left = frozenset((line.id,))
    assert teller.news(cause(line), left=left, now=NOW + 60) == ["over"]
    assert teller.news(cause(line), left=left, now=NOW + 100) == []
    assert teller.news(cause(line), now=NOW + 200) == ["new"]
    # What had been told before it followed from something else goes on as it is.
    assert teller.news(cause(line), left=left, now=NOW + 210) == []
    assert teller.news(now=NOW + 300) == ["over"]
