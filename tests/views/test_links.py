"""The tables of links and prefixes: words for every reason, ends side by side, ages, trouble."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import labtui.model.links as package
from labtui.model.links import Link
from labtui.model.links.link import LinkEnd, Said
from labtui.views.link_words import because
from labtui.views.links import LINKS
from labtui.views.prefixes import PREFIXES
from tests.findings.labs import down, ended, lab, overlay, records
from tests.findings.labs_links import call, inside, ospf, routes
from tests.model.test_prefixes import with_peer
from tests.snapshots import NOW

_SAID = re.compile(r'Said\(\s*(?:"[a-z-]+"|[^",]+),\s*"([a-z0-9-]+)"')
KINDS = {"calls": "l2tp", "ipsec": "ipsec", "vxlan": "vxlan", "ospf": "ospf"}


def reasons() -> list[tuple[str, str]]:
    """(kind, reason) of every verdict that the model gives by a literal name."""
    folder = Path(str(package.__file__)).parent
    return sorted({
        (kind, reason)
        for stem, kind in KINDS.items()
        for reason in _SAID.findall((folder / f"{stem}.py").read_text())
    })  # fmt: skip


@pytest.mark.parametrize(("kind", "reason"), reasons())
def test_every_reason_has_words(kind: str, reason: str) -> None:
    end = LinkEnd("r", "s")
    link = Link(kind, "k", (end,), Said("down", reason, "x"))  # type: ignore[arg-type]
    assert because(link) not in ("", reason)
    assert "{" not in because(link)


def test_enough_reasons_are_looked_at() -> None:
    assert len(reasons()) > 25


def test_both_ends_stand_side_by_side_and_a_different_size_is_marked() -> None:
    shot = lab(NOW, inside(overlay(NOW)), call(sizes=(1450, 1400)), ospf())
    link = next(row for row in LINKS.rows(shot, NOW) if row.kind == "l2tp")
    verdict, sides = LINKS.details(link, shot, NOW)
    words = dict(verdict.lines)
    assert words["because"].text == "the two ends have different MTU: 1400 / 1450"
    assert words["travels in"].text == "IPsec a = b (up)"
    assert words["carries"].text == "OSPF a = b (up)"
    assert sides.title == "a | b"
    lines = dict(sides.lines)
    assert re.fullmatch(r"rt-a +rt-b", lines["router"].text)
    assert (lines["MTU"].text.split(), lines["MTU"].role) == (["1450", "1400"], "warn")


def test_what_is_broken_comes_first_and_is_counted() -> None:
    shot = lab(NOW, overlay(NOW, peers=ended(NOW, "ab"), sessions=down("ab")))
    rows = LINKS.arranged(list(LINKS.rows(shot, NOW)), NOW)
    assert [(row.kind, row.name, row.state) for row in rows[:2]] == [
        ("bgp", "a = b", "down"), ("wireguard", "a = b", "down")]  # fmt: skip
    made = LINKS.summary(rows, NOW)
    assert (made.text, made.role) == ("4/6 up", "bad")


def test_one_end_that_is_read_keeps_a_row_fresh() -> None:
    shot = lab(NOW, inside(overlay(NOW)), call())
    late = {
        feed: msgspec.structs.replace(fresh, read_at=NOW - 600) if feed.source == "rt-a" else fresh
        for feed, fresh in shot.freshness.items()
    }
    old = msgspec.structs.replace(shot, freshness=late)
    link = next(row for row in LINKS.rows(old, NOW) if row.kind == "l2tp")
    assert LINKS.aged(link, old, NOW) is None
    _verdict, sides = LINKS.details(link, old, NOW)
    assert sides.age == 600


def test_prefixes_with_what_netbox_says_and_how_many_come_from_outside() -> None:
    shot = lab(NOW, overlay(NOW), records(), routes())
    rows = PREFIXES.rows(shot, NOW)
    cells = {row.prefix: PREFIXES.column("netbox").cell(row, NOW).text for row in rows}
    assert cells == {f"10.{n}.0.0/24": "yes" for n in (1, 2, 3)}
    assert PREFIXES.summary(rows, NOW).text == "3 inside, 0 outside"
    leaking = with_peer(shot, "")
    rows = PREFIXES.rows(leaking, NOW)
    assert PREFIXES.column("state").cell(rows[0], NOW).text == "LEAKING"
    assert PREFIXES.summary(rows, NOW).role == "bad"
    about, *_rest = PREFIXES.details(rows[0], leaking, NOW)
    assert dict(about.lines)["goes out over"].text == "rt-c/x"
