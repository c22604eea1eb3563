"""The sources' own words: which way is in use, and endpoints that differ."""

from __future__ import annotations

from types import MappingProxyType

from labtui.model.cluster import Membership, Rights
from labtui.model.feed import Feed, Freshness
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from labtui.views.sources import SOURCES, chips, disagreement

ALL = ("pve1", "pve2", "pve3", "pve4")
REST = ("pve1", "pve2", "pve4")
FEED = Feed("proxmox", "lab", "membership")


def word(node: str, *online: str, quorate: bool = True) -> Witness:
    return Witness(f"{node}:8006", node, quorate, ALL, online)


def membership(*witnesses: Witness) -> Membership:
    return Membership("lab", quorate=True, witnesses=witnesses)


def snapshot(part: Membership) -> Snapshot:
    fresh = Freshness(pace=5, read_at=100.0, via="pve1:8006")
    return Snapshot(parts=MappingProxyType({FEED: part}), freshness={FEED: fresh})


def test_a_node_cut_off_is_named_with_what_the_others_agree_on() -> None:
    part = membership(
        word("pve3", "pve3", quorate=False),
        *(word(name, *REST) for name in REST),
    )
    expected = "pve3 alone sees 1 of 4; 3 of 4 agree on pve1 pve2 pve4"
    assert disagreement(part) == expected
    (row,) = SOURCES.rows(snapshot(part), 101.0)
    state = next(column for column in SOURCES.columns if column.id == "state")
    cell = state.cell(row, 101.0)
    assert (cell.text, cell.role) == (expected, "warn")


def test_two_halves() -> None:
    part = membership(
        word("pve1", "pve1", "pve2", quorate=False),
        word("pve2", "pve1", "pve2", quorate=False),
        word("pve3", "pve3", "pve4", quorate=False),
        word("pve4", "pve3", "pve4", quorate=False),
    )
    assert disagreement(part) == "pve3 pve4 see 2 of 4; 2 of 4 agree on pve1 pve2"


def test_a_minority_that_is_all_there_is() -> None:
    assert disagreement(membership(word("pve3", "pve3", quorate=False))) == (
        "pve3 alone sees 1 of 4"
    )


def test_one_mind_needs_no_words() -> None:
    assert disagreement(membership(word("pve1", *ALL), word("pve2", *ALL))) == ""
    assert disagreement(membership()) == ""
    # A node that is off, and everybody says so.
    assert disagreement(membership(word("pve1", *REST), word("pve2", *REST))) == ""


def test_the_details_have_every_endpoint() -> None:
    part = membership(
        word("pve1", *ALL),
        Witness("10.0.0.2:8006", "pve2", problem="connection refused", learnt=True),
        Witness("pve3:8006"),
    )
    shot = snapshot(part)
    (row,) = SOURCES.rows(shot, 101.0)
    assert SOURCES.details is not None
    sections = SOURCES.details(row, shot, 101.0)
    ways = next(section for section in sections if section.title == "Endpoints")
    said = {name: cell.text for name, cell in ways.lines}
    assert said == {
        "pve1:8006": "pve1 sees 4 of 4",
        "10.0.0.2:8006": "pve2 connection refused",
        "pve3:8006": "not asked yet",
    }


def test_how_we_sign_in_is_told_with_what_it_means() -> None:
    feed = Feed("proxmox", "lab", "rights")
    part = Rights("amy@pam", "9.2", {}, login="totp")
    shot = Snapshot(parts=MappingProxyType({feed: part}), freshness={feed: Freshness(pace=300)})
    (row,) = SOURCES.rows(shot, 101.0)
    assert SOURCES.details is not None
    login = next(each for each in SOURCES.details(row, shot, 101.0) if each.title == "Login")
    cell = dict(login.lines)["by"]
    assert "no new login without quorum" in cell.text
    assert cell.role == "warn"


def test_the_chip_says_when_a_shell_had_to_be_asked() -> None:
    feed = Feed("proxmox", "lab", "resources")
    for via, text, role in (("pve1:8006", "1s", "dim"), ("ssh pve1 pvesh", "ssh 1s", "warn")):
        fresh = Freshness(pace=5, read_at=100.0, via=via)
        (chip,) = chips(Snapshot(freshness={feed: fresh}), 101.0)
        assert (chip.text, chip.role) == (text, role)
