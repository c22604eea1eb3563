"""`labtui usage` in each form, and `labtui cards`: what it finds and what it refuses."""

from __future__ import annotations

import csv
import io
import json

import pytest

from labtui.cli.cards import as_record, find_card
from labtui.cli.exits import Exit
from labtui.cli.usage import as_csv, as_json, as_markdown, as_text
from labtui.model.card_hours import HourRow, totals
from labtui.model.card_places import Wish, find
from labtui.views.places import place_lines
from labtui.views.usage import bar_of, sections
from tests.cli.running import labtui
from tests.model.test_card_places import made_lab
from tests.snapshots import NOW

ROWS = (
    HourRow(0, "pve1/0000:01:00", "RTX 4090", "100 a", "amy", "vision", 3600, 3600, 1800),
    HourRow(3600, "pve1/0000:01:00", "RTX 4090", "100 a", "amy", "vision", 3600, 0, 0),
    HourRow(0, "pve1/0000:02:00", "A100", "101 b", "=ben|x", "", 1800, 1800, 0),
)


def test_for_scripts_numbers_are_hours_and_names_are_as_they_are() -> None:
    told = json.loads(as_json(ROWS, 0, 7200, "person"))
    first = told["totals"][0]
    assert (first["person"], first["given_hours"], first["used_share"]) == ("amy", 2.0, 0.5)
    assert told["until"] == "1970-01-01T02:00:00Z"


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(totals(ROWS, "person"), "person"))))
    assert [row["person"] for row in rows] == ["amy", "'=ben|x"]
    assert rows[1]["used_hours"] == "0.0"


def test_a_page_of_it_has_no_markup_of_a_name() -> None:
    text = as_markdown(totals(ROWS, "person"), 0, 7200, "person")
    assert "\\|x" in text
    assert "2.0 h" in text


def test_a_table_for_people_has_bars() -> None:
    assert "█" in as_text(totals(ROWS, "model"), "model")
    assert as_text((), "model").strip()


def test_what_is_not_known_is_thin_in_the_bar() -> None:
    amy = totals(ROWS, "person")[0]
    assert bar_of(amy, amy.given, 8) == "██▒▒····"
    assert [s.title for s in sections(ROWS, 1)][:2] == ["by person", "by project"]


@pytest.mark.parametrize(
    ("name", "key"),
    [("pve2/01:00", "lab/pve2/0000:01:00.0"), ("pve2/0000:01:00.0", "lab/pve2/0000:01:00.0")],
)
def test_a_card_is_named_by_its_place(name: str, key: str) -> None:
    assert find_card(made_lab(), name) == key


def test_a_card_that_is_not_there_is_wrong_usage() -> None:
    assert find_card(made_lab(), "pve9/01:00") is Exit.USAGE


def test_places_for_scripts_and_in_words() -> None:
    search = find(made_lab(), Wish(2, "4090"), NOW)
    told = as_record(search)
    assert told["too_few"] == [{"node": "pve2", "cards": 1}]
    lines = dict(place_lines(search))
    assert "off, names it: 101 vm-101" in lines["pve1"].text
    assert lines["pve2"].text == "has 1 only"


def test_wrong_words_are_said_before_anything_is_read() -> None:
    ended = labtui("cards", "lend", "x")
    assert ended.status == Exit.USAGE
    assert labtui("usage", "--by", "colour").status == Exit.USAGE
