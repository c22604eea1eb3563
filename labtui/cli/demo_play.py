"""`labtui demo ...`: the scenarios and faults there are, and breaking a lab that runs."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from labtui.cli.demo import ask_demo
from labtui.cli.demo_link import DemoError, ask, chosen_demo, running_demos
from labtui.cli.exits import Exit
from labtui.cli.output import padded
from labtui.locale import _, ngettext

_WIDTH = 96
Record = dict[str, Any]


def play(options: argparse.Namespace) -> int:
    """Run one of the commands; returns the exit status."""
    try:
        return _COMMANDS[options.demo_command](options)
    except DemoError as error:
        sys.stderr.write(f"labtui: {error}\n")
        return Exit.FAILED


def _list(options: argparse.Namespace) -> int:
    scenarios: list[Record] = ask_demo("--list-scenarios")
    if options.json:
        return _print_json(scenarios)
    _print_pairs((each["name"], each["title"]) for each in scenarios)
    return Exit.DONE


def _show(options: argparse.Namespace) -> int:
    scenarios: list[Record] = ask_demo("--list-scenarios")
    found = next((each for each in scenarios if each["name"] == options.name), None)
    if found is None:
        told = _("labtui: there is no scenario '{name}'; `labtui demo list` names them\n")
        sys.stderr.write(told.format(name=options.name))
        return Exit.USAGE
    if options.json:
        return _print_json(found)
    _print_story(found)
    if options.truth:
        _print_truth(found)
    else:
        _say(
            "",
            _(
                "--truth tells what is behind it; `labtui --demo --scenario {name}` plays it."
            ).format(name=found["name"]),
        )
    return Exit.DONE


def _faults(options: argparse.Namespace) -> int:
    """With the targets of the lab that runs, if there is one."""
    if options.demo_id is not None or len(running_demos()) == 1:
        faults: list[Record] = ask(chosen_demo(options.demo_id), "/faults")
    else:
        faults = ask_demo("--list-faults")
    if options.name:
        faults = [each for each in faults if each["name"] == options.name]
        if not faults:
            told = _("labtui: there is no fault '{name}'; `labtui demo faults` names them\n")
            sys.stderr.write(told.format(name=options.name))
            return Exit.USAGE
    if options.json:
        return _print_json(faults)
    if options.name:
        _print_fault(faults[0])
    else:
        _print_pairs((each["name"], each["says"]) for each in faults)
    return Exit.DONE


def _break(options: argparse.Namespace) -> int:
    target, given = _target_and_options(options.words)
    body = {"fault": options.fault, "target": target, "options": given}
    begun = ask(chosen_demo(options.demo_id), "/break", body)
    _say(_("broken: {what}").format(what=_outbreak(begun)))
    return Exit.DONE


def _mend(options: argparse.Namespace) -> int:
    body = {"fault": options.fault, "target": options.target}
    ended: list[Record] = ask(chosen_demo(options.demo_id), "/mend", body)
    for each in ended:
        _say(_("mended: {what}").format(what=_outbreak(each)))
    if not ended:
        _say(_("Nothing was broken."))
    return Exit.DONE


def _state(options: argparse.Namespace) -> int:
    state: Record = ask(chosen_demo(options.demo_id), "/state")
    if options.json:
        return _print_json(state)
    for each in state["faults"]:
        age = int(state["time"] - each["since"])
        _say(_("broken since {seconds} s: {what}").format(seconds=age, what=_outbreak(each)))
    if not state["faults"]:
        _say(_("Nothing is broken."))
    if state["scenario"] is not None:
        _say("")
        _print_story(state["scenario"])
        if options.truth:
            _print_truth(state["scenario"])
    return Exit.DONE


def _target_and_options(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    """`TARGET name=value ...`; the target is the first word without an equals sign."""
    target, given = "", {}
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if equals:
            given[name] = value
        elif index == 0:
            target = word
        else:
            raise DemoError(_("'{word}' is no option like seconds=5").format(word=word))
    return target, given


def _outbreak(each: Record) -> str:
    options = " ".join(f"{name}={value}" for name, value in each["options"].items())
    return " ".join(filter(None, (each["fault"], each["target"], options)))


def _print_story(scenario: Record) -> None:
    _say(f"{scenario['name']}: {scenario['title']}", "", *_wrapped(scenario["story"]))
    count = len(scenario["steps"])
    told = ngettext(
        "{count} step; as described after {seconds} s",
        "{count} steps; as described after {seconds} s",
        count,
    )
    _say("", told.format(count=count, seconds=int(scenario["settled_after"])))


def _print_truth(scenario: Record) -> None:
    hit = scenario["affected"]
    causes = [
        f"{each['layer']}: {each['noun']} {each['name']}: {each['what']}"
        for each in scenario["causes"]
    ]
    steps = [
        f"{step['at']:>6g} s  "
        + (f"+ {step['break']}" if "break" in step else f"- {step['mend']}")
        + f" {step['target']}"
        + "".join(f" {name}={value}" for name, value in step["options"].items())
        for step in scenario["steps"]
    ]
    parts = (
        (_("Steps"), steps),
        (_("Causes"), causes or [_("none: nothing is broken")]),
        (_("Nodes"), hit["nodes"]),
        (_("Guests"), [", ".join(str(each) for each in hit["guests"])]),
        (_("Sites"), hit["sites"]),
        (_("Prefixes"), hit["prefixes"]),
        (_("Mended by"), scenario["mended_by"]),
        (_("Claims"), scenario["claims"]),
    )
    for title, lines in parts:
        if any(lines):
            _say("", title, *(f"  {part}" for line in lines for part in _wrapped(line)))


def _print_fault(fault: Record) -> None:
    _say(fault["name"], "", *_wrapped(fault["says"]), "")
    _say(_("layer: {layer}").format(layer=fault["layer"]))
    for name, value in fault["options"].items():
        _say(_("option: {name}={value}").format(name=name, value=value))
    if "targets" in fault:
        _say(_("targets:"), *_wrapped(" ".join(fault["targets"])))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def _print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    found = list(pairs)
    width = max((len(name) for name, _text in found), default=0)
    _say(*(f"{padded(name, width)}  {text}" for name, text in found))


def _print_json(data: object) -> int:
    _say(json.dumps(data, ensure_ascii=False, indent=2))
    return Exit.DONE


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "faults": _faults,
    "break": _break,
    "mend": _mend,
    "state": _state,
}
