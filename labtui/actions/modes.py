"""The ways of doing something, in words: what the dialog and the commands call them."""

from __future__ import annotations

from labtui.locale import N_, _

_WORDS = {
    "live": N_("live"),
    "offline": N_("offline"),
    "restart": N_("with a restart"),
    "ask": N_("asked only"),
    "force": N_("hard at the limit"),
    "pause": N_("in memory"),
    "disk": N_("to disk"),
    "bare": N_("without memory"),
    "memory": N_("with memory"),
    "snapshot": N_("while it runs"),
    "suspend": N_("paused for it"),
    "stop": N_("stopped for it"),
    "keep": N_("references stay"),
    "purge": N_("references too"),
    "leave": N_("stays off"),
    "start": N_("started afterwards"),
    "full": N_("a full copy"),
    "linked": N_("linked to the template"),
    "new": N_("beside it"),
    "over": N_("in place of it"),
    "resume": N_("gone on with"),
    "back": N_("all of it taken back"),
    "running": N_("those that run"),
    "all": N_("those that are off too"),
    "unbroken": N_("nobody is stopped for it"),
    "record": N_("in NetBox"),
    "lab": N_("in the lab"),
    "address": N_("an address"),
    "prefix": N_("a prefix"),
    "asn": N_("an AS number"),
}


def mode_text(mode: str) -> str:
    """A way of doing it, in words."""
    return _(_WORDS[mode]) if mode in _WORDS else mode
