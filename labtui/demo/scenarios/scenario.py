"""What a scenario is, and how its file is read: a story, steps, and the truth behind them.

A file is TOML. Everything that is wrong with it is told in one sentence that names the place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labtui.demo.faults import chosen_options, fault_named
from labtui.demo.faults.fault import Value
from labtui.demo.lab import Lab
from labtui.demo.scenarios.claims import Claim, read_claim

LAYERS = (
    "underlay",
    "tunnel",
    "routing",
    "router",
    "cluster",
    "node",
    "guest",
    "storage",
    "gpu",
    "record",
    "server",
    "account",
    "ssh",
)
_TOP = (
    "title",
    "story",
    "settled_after",
    "healed_after",
    "step",
    "cause",
    "affected",
    "mended_by",
    "stays_off",
    "claims",
)


@dataclass(frozen=True)
class Step:
    """At world second `at` a fault begins, or ends (`mends`)."""

    at: float
    fault: str
    target: str
    options: Mapping[str, Value]
    mends: bool = False


@dataclass(frozen=True)
class Cause:
    """A true cause, as a triage should name it: the layer, the noun, its name, what is wrong."""

    layer: str
    noun: str
    name: str
    what: str


@dataclass(frozen=True)
class Affected:
    """Who suffers; `guests` are rules, as written in the file."""

    nodes: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One outage with its truth.

    `settled_after` and `healed_after` are world seconds: from the first step until the claims
    hold, and from the end of all faults until the lab is healthy again. `stays_off` are rules for
    guests that nobody but a person starts again.
    """

    name: str
    title: str
    story: str
    settled_after: float
    healed_after: float
    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]
    affected: Affected = field(default_factory=Affected)
    mended_by: tuple[str, ...] = ()
    stays_off: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()

    def as_json(self, lab: Lab | None = None) -> dict[str, Any]:
        """All of it; with a lab the guests are numbers instead of rules."""
        hit = self.affected
        return {
            "name": self.name,
            "title": self.title,
            "story": self.story,
            "settled_after": self.settled_after,
            "steps": [
                {
                    "at": step.at,
                    "mend" if step.mends else "break": step.fault,
                    "target": step.target,
                    "options": dict(step.options),
                }
                for step in self.steps
            ],
            "causes": [vars(cause) for cause in self.causes],
            "affected": {
                "nodes": list(hit.nodes),
                "guests": list(hit.guests) if lab is None else guests_of(lab, hit.guests),
                "sites": list(hit.sites),
                "prefixes": list(hit.prefixes),
            },
            "mended_by": list(self.mended_by),
            "stays_off": list(self.stays_off) if lab is None else guests_of(lab, self.stays_off),
            "claims": [claim.text for claim in self.claims],
        }


def guests_of(lab: Lab, rules: tuple[str, ...]) -> list[int]:
    """The numbers of the guests that rules name, by where they were configured at first.

    `vmid:107`, `node:pve2`, `ha:pve2` (those of a node under high availability), `site:702`,
    `storage:ceph-vm`, `owner:amy`; several words after a comma must all hold. KeyError for
    another rule.
    """
    found = []
    site_of = {node.name: node.site for node in lab.nodes}
    for guest in lab.guests:
        facts = {
            "vmid": {str(guest.vmid)},
            "node": {guest.node},
            "ha": {guest.node} if guest.ha else set(),
            "site": {site_of[guest.node]},
            "storage": {guest.storage},
            "owner": {guest.owner},
            "state": {"running" if guest.running else "stopped"},
        }
        for rule in rules:
            pairs = [word.partition(":")[::2] for word in rule.split(",")]
            if all(value in facts[key] for key, value in pairs):
                found.append(guest.vmid)
                break
    return found


def read_scenario(path: Path) -> Scenario:
    """A scenario's file. ValueError with a sentence that names file and place."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return scenario_of(path.stem, raw)
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise ValueError(f"{path.name}: {error.args[0]}") from None
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path.name}: {error}") from None


def scenario_of(name: str, raw: dict[str, Any]) -> Scenario:
    """A scenario from its table. ValueError, TypeError or KeyError with a sentence."""
    _only(raw, _TOP, "the top")
    steps = tuple(_step(each) for each in _tables(raw, "step"))
    causes = tuple(_cause(each) for each in _tables(raw, "cause"))
    if not steps:
        raise ValueError("there is no [[step]]")
    hit = raw.get("affected", {})
    _only(hit, ("nodes", "guests", "sites", "prefixes"), "[affected]")
    return Scenario(
        name,
        _text(raw, "title"),
        " ".join(_text(raw, "story").split()),
        _number(raw, "settled_after"),
        _number(raw, "healed_after"),
        tuple(sorted(steps, key=lambda step: step.at)),
        causes,
        Affected(*(_texts(hit, key) for key in ("nodes", "guests", "sites", "prefixes"))),
        _texts(raw, "mended_by"),
        _texts(raw, "stays_off"),
        tuple(read_claim(text) for text in _texts(raw, "claims")),
    )


def _step(raw: dict[str, Any]) -> Step:
    _only(raw, ("at", "break", "mend", "target", "options"), "a [[step]]")
    if ("break" in raw) == ("mend" in raw):
        raise ValueError("a [[step]] needs either break or mend")
    mends = "mend" in raw
    name = _text(raw, "mend" if mends else "break")
    options = raw.get("options", {})
    if not mends:
        chosen_options(fault_named(name), options)
    fault_named(name)
    return Step(_number(raw, "at"), name, str(raw.get("target", "")), options, mends)


def _cause(raw: dict[str, Any]) -> Cause:
    names = ("layer", "noun", "name", "what")
    _only(raw, names, "a [[cause]]")
    layer, noun, name, what = (_text(raw, key) for key in names)
    if layer not in LAYERS:
        raise ValueError(f"there is no layer {layer!r}")
    return Cause(layer, noun, name, what)


def _only(raw: object, known: tuple[str, ...], where: str) -> None:
    if not isinstance(raw, dict):
        raise TypeError(f"{where} must be a table")
    for key in raw:
        if key not in known:
            raise ValueError(f"{where} has no key {key!r}; known are {', '.join(known)}")


def _tables(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = raw.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TypeError(f"{key} must be tables, [[{key}]]")
    return found


def _text(raw: dict[str, Any], key: str) -> str:
    if not isinstance(raw.get(key), str) or not raw[key].strip():
        raise TypeError(f"{key} must be a text")
    return str(raw[key])


def _texts(raw: dict[str, Any], key: str) -> tuple[str, ...]:
    found = raw.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError(f"{key} must be a list of texts")
    return tuple(found)


def _number(raw: dict[str, Any], key: str) -> float:
    if isinstance(raw.get(key), bool) or not isinstance(raw.get(key), int | float):
        raise TypeError(f"{key} must be a number")
    return float(raw[key])
