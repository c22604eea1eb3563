"""Claims of scenarios: short sentences about the world that are true or false at a moment.

A claim is `NOUN NAME STATE`, as in `node pve2 offline`, `tunnel 3 dead` or `prefix 702 absent at
836`. Each noun has a function below that looks into the worlds themselves, past every server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labtui.demo.scenarios import claims_cluster, claims_network, claims_servers

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

Look = Callable[["RunningLab", list[str]], bool]


@dataclass(frozen=True)
class Noun:
    """What can be claimed about a noun: the forms of the words behind it, and who looks."""

    forms: tuple[str, ...]
    look: Look


NOUNS: Mapping[str, Noun] = {
    noun: Noun(forms, look)
    for part in (claims_cluster.NOUNS, claims_network.NOUNS, claims_servers.NOUNS)
    for noun, (forms, look) in part.items()
}


@dataclass(frozen=True)
class Claim:
    """A sentence and its words."""

    text: str
    noun: str
    words: tuple[str, ...]


def read_claim(text: str) -> Claim:
    """A claim from its sentence. ValueError with a sentence when it says nothing known."""
    noun, *words = text.split() or [""]
    known = NOUNS.get(noun)
    if known is None:
        raise ValueError(f"claim {text!r}: known nouns are {', '.join(sorted(NOUNS))}")
    if not any(_fits(form.split(), words) for form in known.forms):
        raise ValueError(f"claim {text!r}: {noun} can be {'; '.join(known.forms)}")
    return Claim(text, noun, tuple(words))


def holds(lab: RunningLab, claim: Claim) -> bool:
    """Whether a claim is true now. KeyError for a name that the lab does not have."""
    return NOUNS[claim.noun].look(lab, list(claim.words))


def _fits(form: list[str], words: list[str]) -> bool:
    """`NAME` in a form stands for any word, `a|b` for one of these."""
    return len(form) == len(words) and all(
        wanted.isupper() or word in wanted.split("|")
        for wanted, word in zip(form, words, strict=True)
    )
