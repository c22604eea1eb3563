"""The keys in force: defaults that do not clash, overrides of which every mistake is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions import ACTIONS
from labtui.ui.commands import Command, register
from labtui.ui.keys import Keymap, parse_key, pressed
from labtui.views import VIEWS

COMMANDS = register(VIEWS, ACTIONS)


def keymap(**overrides: str) -> Keymap:
    return Keymap(COMMANDS, {name.replace("__", "."): key for name, key in overrides.items()})


def alike(one: Command, other: Command) -> bool:
    """Whether the same key would mean both of them on some row."""
    nouns = {one.noun, other.noun}
    return one.context == other.context and (len(nouns) == 1 or "" in nouns)


def test_no_two_commands_have_the_same_key() -> None:
    for command in COMMANDS:
        for key in command.keys:
            others = [c.id for c in COMMANDS if key in c.keys and alike(c, command)]
            assert others == [command.id], key
            assert parse_key(key) == key


def test_a_key_may_be_for_guests_and_for_nodes() -> None:
    own = (
        Command("guest.x", ("x",), "", "", "actions", noun="guest"),
        Command("node.x", ("x",), "", "", "actions", noun="node"),
        Command("any.y", ("y",), "", "", "actions"),
    )
    keys = Keymap(own, {})
    assert keys.command("main", "x", "node") == "node.x"
    assert keys.command("main", "x", "guest") == "guest.x"
    assert keys.command("main", "x", "storage") == "guest.x"
    assert Keymap(own, {"node.x": "y"}).message == "[keys] was taken in part: node.x = y: " + (
        "that key is any.y's already"
    )
    both = Keymap(own, {"node.x": "z", "guest.x": "z"})
    assert (both.mistakes, both.command("main", "z", "node")) == ((), "node.x")


def test_every_command_has_an_id_of_its_own() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


def test_an_override_takes_the_place_of_the_default() -> None:
    keys = keymap(guest__migrate="z, ctrl+g")
    assert keys.command("main", "z") == keys.command("main", "ctrl+g") == "guest.migrate"
    assert keys.command("main", "m") != "guest.migrate"
    assert keys.message == ""


def test_two_commands_may_change_places() -> None:
    keys = keymap(details="f", pane__full="enter")
    assert keys.command("main", "f") == "details"
    assert keys.command("main", "enter") == "pane.full"
    assert keys.mistakes == ()


def test_every_mistake_is_named_and_the_defaults_stay() -> None:
    keys = keymap(
        guest__migrat="z", copy="hyper+x", mark="q", read="ctrl+m", filter="", help="ctrl+y"
    )
    message = keys.message
    assert "guest.migrat: no such command (did you mean guest.migrate?)" in message
    assert "copy = hyper+x: no such key" in message
    assert "mark = q: that key is quit's already" in message
    assert "read = ctrl+m: a terminal can't tell it from enter" in message
    assert "filter = : no such key" in message
    assert len(keys.mistakes) == 5
    assert keys.command("main", "q") == "quit"
    assert keys.command("main", "y") == "copy"
    assert keys.command("main", "space") == "mark"
    assert keys.command("main", "ctrl+y") == "help"


def test_a_dialog_has_keys_of_its_own() -> None:
    keys = keymap(plan__target="m")
    assert keys.mistakes == ()
    assert keys.command("plan", "m") == "plan.target"
    assert keys.command("main", "m") == "guest.migrate"


@pytest.mark.parametrize(
    ("key", "character", "name"),
    [
        ("m", "m", "m"),
        ("M", "M", "M"),
        ("shift+m", "M", "M"),
        ("colon", ":", ":"),
        ("plus", "+", "+"),
        ("space", " ", "space"),
        ("ctrl+r", "\x12", "ctrl+r"),
        ("enter", "\r", "enter"),
        ("shift+tab", None, "shift+tab"),
    ],
)
def test_a_key_event_has_the_name_that_is_written(
    key: str, character: str | None, name: str
) -> None:
    assert pressed(key, character) == name
    assert parse_key(name) == name


@pytest.mark.parametrize(
    ("written", "key"),
    [("esc", "escape"), ("Ctrl-R", "ctrl+r"), ("SHIFT+F5", "shift+f5"), ("方", "方")],
)
def test_keys_may_be_written_in_other_ways(written: str, key: str) -> None:
    assert parse_key(written) == key


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_none(text: str) -> None:
    key = parse_key(text)
    assert key == "" or parse_key(key) == key


@given(st.dictionaries(st.sampled_from([c.id for c in COMMANDS]), st.text(max_size=6)))
def test_whatever_is_configured_no_key_means_two_things(overrides: dict[str, str]) -> None:
    keys = Keymap(COMMANDS, overrides)
    for command in COMMANDS:
        for key in keys.keys(command.id):
            others = [c.id for c in COMMANDS if key in keys.keys(c.id) and alike(c, command)]
            assert others == [command.id]
            assert keys.command(command.context, key, command.noun) == command.id
