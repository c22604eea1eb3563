"""Guests and nodes by the names that people type; what is wrong with one is said here."""

from __future__ import annotations

from labtui.cli.exits import Exit, say
from labtui.cli.reading import failures
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot


def find_guest(snapshot: Snapshot, wanted: str) -> str | Exit:
    """The key of the guest of that number, name or key; how to end after saying why not."""
    seen = seen_guests(snapshot)
    if wanted in seen:
        return wanted
    found = [
        key
        for key, guest in seen.items()
        if str(guest.guest.vmid) == wanted or guest.guest.name == wanted
    ]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("'{name}' is more than one guest: {keys}")
        return say(text.format(name=wanted, keys=" ".join(sorted(found))), Exit.USAGE)
    return _none(snapshot, _("no guest '{name}'").format(name=wanted))


def find_node(snapshot: Snapshot, name: str) -> str | Exit:
    """The key of the node of that name or key; how to end after saying why there is none."""
    found = [
        node.key
        for _cluster, resources in snapshot.of(Resources)
        for node in resources.nodes
        if name in (node.name, node.key)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("'{name}' is more than one node: {keys}").format(name=name, keys=" ".join(found))
        return say(text, Exit.USAGE)
    return _none(snapshot, _("no node '{name}'").format(name=name))


def _none(snapshot: Snapshot, text: str) -> Exit:
    """There is none; or it may be there, where nobody could look."""
    listing = tuple(f"{feed}:" for feed in snapshot.freshness if feed.topic == "resources")
    unread = [line for line in failures(snapshot) if line.startswith(listing)]
    return say("; ".join([text, *unread]), Exit.FAILED if unread else Exit.USAGE)
