"""Every command of the screen: its id, keys, words and where it is in force.

The register that keys, footer, help and palette are made from, so that none can drift. Commands of
views and actions are added from their own registers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from labtui.actions.action import Action
from labtui.locale import N_
from labtui.views.view import View

Context = Literal["main", "plan"]
PLACES, PANE, ACTIONS, CONSOLE, PLAN = (
    N_("places"),
    N_("this pane"),
    N_("actions"),
    N_("console"),
    N_("plan"),
)
GROUPS = (PLACES, PANE, ACTIONS, PLAN, CONSOLE)


class Command(msgspec.Struct, frozen=True):
    """One thing that a key does. `keys` are the defaults; the ones in force are the keymap's.

    `word` does it from the go-to prompt, followed by what it `takes`. One with a `noun` has its key
    for rows of that noun; another noun may have the same key for something else.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    hint: str
    group: str
    context: Context = "main"
    word: str = ""
    takes: str = ""
    noun: str = ""


DIAGNOSED = ("link", "tunnel", "session", "place", "feed")
"""Nouns of rows that a layered diagnosis can be made of."""

COMMANDS: tuple[Command, ...] = (
    Command("place.overview", ("0",), N_("overview"), N_("All panes at once."), PLACES),
    Command("goto", (":",), N_("go to"), N_("Any view or object by name."), PLACES),
    Command("trouble", ("!",), N_("worst"), N_("The worst finding; again: all rows."), PLACES),
    Command("pane.next", ("tab",), N_("next pane"), N_("Go into the next pane."), PLACES),
    Command(
        "pane.previous", ("shift+tab",), N_("previous pane"), N_("And the one before."), PLACES
    ),
    Command("pane.full", ("f",), N_("full size"), N_("Or its key once more."), PLACES),
    Command("back", ("escape",), N_("back"), N_("Out of what was entered."), PLACES),
    Command("details", ("enter",), N_("details"), N_("All that is known of it."), PANE),
    Command("up", ("up", "k"), N_("row up"), N_("One row up."), PANE),
    Command("down", ("down", "j"), N_("row down"), N_("One row down."), PANE),
    Command("page.up", ("pageup",), N_("page up"), N_("A page up."), PANE),
    Command("page.down", ("pagedown",), N_("page down"), N_("A page down."), PANE),
    Command("first", ("home",), N_("first"), N_("To the first row."), PANE),
    Command("last", ("end",), N_("last"), N_("To the last row."), PANE),
    Command("filter", ("/",), N_("filter"), N_("word field:x cpu:>80 !not ~regex"), PANE),
    Command("sort.left", ("<",), N_("sort left"), N_("By the column to the left."), PANE),
    Command("sort.right", (">",), N_("sort right"), N_("By the column to the right."), PANE),
    Command("sort.choose", ("S",), N_("sort by"), N_("Choose what to sort by."), PANE),
    Command("sort.reverse", ("ctrl+r",), N_("reverse"), N_("The other way round."), PANE),
    Command("mark", ("space",), N_("mark"), N_("Mark this row."), PANE),
    Command("mark.all", ("*",), N_("mark all"), N_("Mark all that is shown, or none."), PANE),
    Command("events.of", ("h",), N_("its events"), N_("What happened to it."), PANE),
    Command("events.before", ("H",), N_("before it"), N_("The ten minutes before."), PANE),
    Command("map.left", ("left",), N_("left"), N_("Map: to the left."), PANE, noun="place"),
    Command("map.right", ("right",), N_("right"), N_("Map: to the right."), PANE, noun="place"),
    Command(
        "map.measure", ("L",), N_("latency"), N_("Map: ping through links."), PANE, noun="place"
    ),
    *(
        Command(
            f"diagnose.{noun}",
            ("p",),
            N_("diagnose"),
            N_("Layer by layer: what is broken."),
            ACTIONS,
            noun=noun,
        )
        for noun in DIAGNOSED
    ),
    *(
        Command(
            f"route.{noun}",
            ("R",),
            N_("route check"),
            N_("Which way packets go there, now."),
            ACTIONS,
            noun=noun,
        )
        for noun in (*DIAGNOSED, "prefix")
    ),
    Command("copy", ("y",), N_("copy"), N_("Copy the name (OSC 52)."), PANE),
    Command("page", ("o",), N_("its page"), N_("Copied: in Proxmox, NetBox."), PANE),
    Command("read", ("r",), N_("read now"), N_("Read what is shown again."), PANE),
    Command(
        "finding.ack",
        ("a",),
        N_("seen"),
        N_("A finding: aside, or back."),
        ACTIONS,
        noun="finding",
    ),
    Command(
        "finding.snooze",
        ("A",),
        N_("put off"),
        N_("A finding: aside for now."),
        ACTIONS,
        noun="finding",
    ),
    Command("charts.shorter", ("[",), N_("shorter time"), N_("Charts: year to hour."), PANE),
    Command("charts.longer", ("]",), N_("longer time"), N_("Charts: hour to year."), PANE),
    Command("log.next", ("l",), N_("other log"), N_("The log of the task before."), PANE),
    Command("job.cancel", ("c",), N_("cancel job"), N_("Stop the job under the cursor."), ACTIONS),
    Command(
        "job.pause",
        ("p",),
        N_("pause"),
        N_("A job of steps; again: it goes on."),
        ACTIONS,
        noun="job",
    ),
    Command("job.retry", ("R",), N_("try again"), N_("What failed of it."), ACTIONS, noun="job"),
    Command("shell.ssh", ("x",), N_("shell"), N_("By SSH, on guest, node, router."), ACTIONS),
    Command("shell.console", ("v",), N_("console"), N_("Through Proxmox VE."), ACTIONS),
    Command(
        "backups",
        (),
        N_("backups"),
        N_("Every guest with its last one."),
        CONSOLE,
        word="backups",
    ),
    Command("palette", ("ctrl+p",), N_("commands"), N_("Every command, in words."), CONSOLE),
    Command("help", ("?", "f1"), N_("help"), N_("The keys in force."), CONSOLE),
    Command("quit", ("q", "ctrl+q", "ctrl+c"), N_("quit"), N_("At once."), CONSOLE),
    Command(
        "freeze",
        (),
        N_("freeze"),
        N_("Stop all writes."),
        CONSOLE,
        word="freeze",
        takes=N_("WHY"),
    ),
    Command("thaw", (), N_("thaw"), N_("Let the writes go on."), CONSOLE, word="thaw"),
    Command(
        "write",
        (),
        N_("write"),
        N_("Where writing is timed."),
        CONSOLE,
        word="write",
        takes=N_("10m WHY"),
    ),
    Command(
        "readonly", (), N_("read-only"), N_("End the time to write."), CONSOLE, word="readonly"
    ),
    Command(
        "lookup",
        (),
        N_("look up"),
        N_("What and whose it is, and where now."),
        CONSOLE,
        word="lookup",
        takes=N_("ADDRESS, MAC, VLAN, AS, NAME"),
    ),
    Command(
        "route",
        (),
        N_("way to"),
        N_("An address, at every router."),
        CONSOLE,
        word="route",
        takes=N_("ADDRESS"),
    ),
    Command(
        "calendar",
        (),
        N_("calendar"),
        N_("Who has which card, week by week."),
        CONSOLE,
        word="calendar",
    ),
    Command(
        "cards",
        (),
        N_("find cards"),
        N_("Which node has so many."),
        CONSOLE,
        word="cards",
        takes=N_("2 RTX 4090 with 96G"),
    ),
    Command(
        "usage",
        (),
        N_("card-hours"),
        N_("Given and used, by whom."),
        CONSOLE,
        word="usage",
        takes=N_("30d"),
    ),
    Command("plan.go", ("enter",), N_("go"), N_("Carry the plan out."), PLAN, "plan"),
    Command("plan.target", ("t", "down"), N_("other target"), N_("The next one."), PLAN, "plan"),
    Command(
        "plan.target.back", ("T", "up"), N_("target before"), N_("The one before."), PLAN, "plan"
    ),
    Command("plan.mode", ("o",), N_("other way"), N_("Live, offline, restart."), PLAN, "plan"),
    Command("plan.field", ("e", "tab"), N_("fill in"), N_("Names, limits."), PLAN, "plan"),
    Command("plan.page.down", ("pagedown",), N_("further"), N_("Where it is long."), PLAN, "plan"),
    Command("plan.page.up", ("pageup",), N_("back up"), N_("Where it is long."), PLAN, "plan"),
    Command("plan.copy", ("y", "c"), N_("copy call"), N_("The literal calls."), PLAN, "plan"),
    Command("plan.leave", ("escape", "q"), N_("leave"), N_("Nothing is done."), PLAN, "plan"),
)


_PLACE_HINTS = {
    "nodes": N_("Who is there, how loaded."),
    "guests": N_("What runs where, and whose."),
    "gpus": N_("Which card is given to whom."),
    "leases": N_("Whose card, until when."),
    "requests": N_("Who wants which card."),
    "wireguard": N_("The tunnels between sites."),
    "bgp": N_("The sessions over them."),
    "map": N_("Sites and links, drawn."),
    "findings": N_("What is wrong, and why."),
    "jobs": N_("What was started from here."),
    "tasks": N_("What the cluster does."),
    "events": N_("What happened, and when."),
    "storage": N_("How full it is."),
    "ipam": N_("How full the prefixes are."),
    "drift": N_("What NetBox has otherwise."),
    "sources": N_("Who answers, who does not."),
}


def direct(action: Action) -> str:
    """The id of the command that carries an action out without showing its plan first."""
    return f"{action.id}.direct"


def register(views: Iterable[View[Any]], actions: Iterable[Action]) -> tuple[Command, ...]:
    """All commands: those of the places, of the actions, and of the screen itself."""
    places = [
        Command(
            f"place.{view.id}",
            (view.key,) if view.key else (),
            view.title,
            _PLACE_HINTS.get(view.id, ""),
            PLACES,
        )
        for view in views
    ]
    acts: list[Command] = []
    for action in actions:
        keys = (action.key,) if action.key else ()
        noun = action.noun
        acts.append(Command(action.id, keys, action.title, action.hint, ACTIONS, noun=noun))
        if action.direct_key:
            hint = N_("At once, if all is well.")
            keys = (action.direct_key,)
            acts.append(Command(direct(action), keys, action.title, hint, ACTIONS, noun=noun))
    taken = {command.id for command in acts}
    own = [command for command in COMMANDS if command.id not in taken]
    return (own[0], *places, *own[1:], *acts)
