"""Reading the lab once, for commands without a screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from labtui.config.schema import Config
from labtui.locale import _
from labtui.model.claims import card_table
from labtui.model.snapshot import TOPICS, Part, Snapshot

if TYPE_CHECKING:
    from labtui.live.lab import LiveLab

PATIENCE = 12.0
RECORDS_PATIENCE = 120.0
_TOPIC_OF: dict[type, str] = {part: topic for topic, part in TOPICS.items()}


def topics_of(parts: tuple[type[Part], ...]) -> frozenset[str]:
    """The topics that these parts are read under."""
    return frozenset(_TOPIC_OF[part] for part in parts)


async def settled(lab: LiveLab, patience: float = PATIENCE) -> Snapshot:
    """The snapshot when every feed has answered or failed, or when patience ends."""

    def tried(snapshot: Snapshot) -> bool:
        return all(fresh.sequence for fresh in snapshot.freshness.values()) and _complete(snapshot)

    lab.start()
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await lab.opened()
            await _until(lab, tried)
    return lab.store.snapshot


async def with_records(lab: LiveLab, patience: float = RECORDS_PATIENCE) -> Snapshot:
    """The snapshot of a lab that has settled, when NetBox too has answered or failed.

    Its lists are long, and a server with much to do takes its time: who asks about records waits.
    """

    def recorded(snapshot: Snapshot) -> bool:
        feeds = (fresh for feed, fresh in snapshot.freshness.items() if feed.topic == "inventory")
        return all(fresh.sequence for fresh in feeds)

    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await _until(lab, recorded)
    return lab.store.snapshot


async def _until(lab: LiveLab, enough: Callable[[Snapshot], bool]) -> None:
    """Wait for a snapshot that is enough."""
    done = asyncio.Event()

    def look(snapshot: Snapshot) -> None:
        if enough(snapshot):
            done.set()

    unsubscribe = lab.store.subscribe(look)
    try:
        look(lab.store.snapshot)
        await done.wait()
    finally:
        unsubscribe()


def _complete(snapshot: Snapshot) -> bool:
    """Guest configurations come in portions; false while some have not been asked for once."""
    if not any(feed.topic == "configs" for feed in snapshot.freshness):
        return True
    table = card_table(snapshot)
    return table.read >= table.wanted


def failures(snapshot: Snapshot) -> list[str]:
    """A line for each feed that has no good reading."""
    lines = []
    for feed, fresh in sorted(snapshot.freshness.items()):
        if fresh.problem is not None:
            lines.append(f"{feed}: {fresh.problem.sentence}")
            if fresh.problem.remedy:
                lines[-1] += f". {fresh.problem.remedy}"
        elif fresh.read_at is None:
            lines.append(_("{feed}: no answer yet").format(feed=feed))
    table = card_table(snapshot)
    if table.read < table.wanted and any(feed.topic == "configs" for feed in snapshot.freshness):
        lines.append(
            _("only {read} of {wanted} guest configurations were read in time").format(
                read=table.read, wanted=table.wanted
            )
        )
    return lines


def asker(config: Config) -> dict[str, str]:
    """Ask for the one-time codes that the configuration needs, before anything is drawn."""
    codes: dict[str, str] = {}
    for cluster in config.proxmox:
        if cluster.totp and sys.stdin.isatty():
            import getpass

            text = _("One-time code for {user} on {cluster}: ")
            # Without one the server says what it wants.
            with suppress(EOFError):
                codes[cluster.name] = getpass.getpass(
                    text.format(user=cluster.username, cluster=cluster.name)
                )
    return codes


@contextmanager
def quiet_logs() -> Iterator[None]:
    """No library writes its log to the terminal; some would write what they send."""
    import logging

    root = logging.getLogger()
    before = root.level
    root.addHandler(logging.NullHandler())
    root.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        root.setLevel(before)
