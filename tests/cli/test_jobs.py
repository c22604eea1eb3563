"""`labtui jobs`: what its list says of each kind of job, and of one that is not there."""

from __future__ import annotations

import json
from pathlib import Path

from labtui.actions.action import Step
from labtui.actions.evacuation.book import Entry, Header, Record
from labtui.cli.console import interrupted_words
from labtui.cli.exits import Exit
from labtui.cli.jobs import as_json, as_text
from labtui.live.steps import Books
from tests.cli.running import demo_process, labtui

AT = 1_790_000_000.0


def record(action: str, title: str, *entries: Entry) -> Record:
    steps = tuple(Step(str(n), f"step {n}", "way", target="there") for n in range(2))
    return Record(Header("abcde" + str(len(entries)), AT, action, "it", title, steps), entries)


LINK = record(
    "link.new",
    "Link rt-a = rt-b",
    Entry(AT, "run"),
    Entry(AT, "sending", 0),
    Entry(AT, "part", 0, part="1"),
    Entry(AT, "sending", 1),
)
MOVE = record(
    "node.evacuate",
    "Empty pve1",
    Entry(AT, "run"),
    Entry(AT, "end", 0, state="done"),
    Entry(AT, "end", 1, state="done"),
    Entry(AT, "over", state="done", note="2 of 2 moved"),
)


def test_the_list_counts_what_is_done_of_any_kind() -> None:
    head, link, move = as_text((LINK, MOVE)).splitlines()
    assert head.split() == ["ID", "BEGUN", "STATE", "DONE", "WHAT"]
    assert link.split()[-6:] == ["interrupted", "1/2", "Link", "rt-a", "=", "rt-b"]
    assert "2/2" in move
    assert move.endswith("Empty pve1: 2 of 2 moved")


def test_scripts_are_told_the_action_and_how_each_step_is() -> None:
    link, move = json.loads(as_json((LINK, MOVE)))
    assert (link["action"], move["action"]) == ("link.new", "node.evacuate")
    assert [step["state"] for step in link["steps"]] == ["done", "under way"]
    assert [step["state"] for step in move["steps"]] == ["done", "done"]


async def test_a_console_says_at_its_start_what_was_cut_off(tmp_path: Path) -> None:
    books = Books(tmp_path)
    book = await books.new_book(LINK.header)
    for entry in LINK.entries:
        await book.write(entry)
    await book.close()
    books.close()
    assert interrupted_words(tmp_path) == [
        "interrupted: Link rt-a = rt-b, 1 of 2 calls made; it can be taken back: R in the jobs "
        f"pane, or `labtui jobs resume {LINK.id}`"
    ]
    assert interrupted_words(tmp_path / "nowhere") == []


def test_one_that_is_not_there_is_called_a_job() -> None:
    with demo_process("--guests", "5") as told:
        ended = labtui("--config", told["config"], "jobs", "resume", "abcdef")
        paused = labtui("--config", told["config"], "jobs", "pause", "abcdef")
    assert ended.status == Exit.USAGE
    assert ended.err == "labtui: no job 'abcdef'\n"
    assert paused.status == Exit.FAILED
    assert paused.err.startswith("labtui: no such job (abcdef)")
