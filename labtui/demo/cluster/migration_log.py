"""The lines that a migration task prints, in the forms of the real log.

Lines of the migration itself start with the node's local time; lines of block jobs and other tools
have no time. Sizes have binary units with one decimal, dd has its own mixed form.
"""

from __future__ import annotations

import time

from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("bytes", "kB", "MB", "GB", "TB")


def binary(size: float) -> str:
    """`515.4 MiB`."""
    index = 0
    while size >= 1024 and index < len(_BINARY) - 1:
        size /= 1024
        index += 1
    return f"{size:.1f} {_BINARY[index]}"


def dd_size(size: float, base: int, units: tuple[str, ...]) -> str:
    """A size as dd writes it: one decimal below ten, none above."""
    index = 0
    while size >= base and index < len(units) - 1:
        size /= base
        index += 1
    return f"{size:.1f} {units[index]}" if size < 10 and index else f"{size:.0f} {units[index]}"


def clock_duration(seconds: float) -> str:
    """`00:00:42`."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def short_duration(seconds: float) -> str:
    """`2h 5m 3s`, as block jobs print it."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    text = f"{whole % 60}s"
    if minutes or hours:
        text = f"{minutes}m {text}"
    return f"{hours}h {text}" if hours else text


class MigrationLog:
    """Writes into the log of one migration task."""

    def __init__(self, state: ClusterState, task: Task) -> None:
        self._state = state
        self._task = task
        self.started = state.now

    @property
    def duration(self) -> str:
        """Time since the start, `H:M:S`."""
        return clock_duration(self._state.now - self.started)

    def bare(self, text: str) -> None:
        """A line without time."""
        self._task.log.append(text)

    def say(self, text: str) -> None:
        """A line with time."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self._state.now))
        self._task.log.append(f"{stamp} {text}")

    def fail(self, text: str) -> None:
        """A line with time and `ERROR:`."""
        self.say(f"ERROR: {text}")

    def dd(self, done: int, seconds: float) -> None:
        """A progress line of dd."""
        rate = done / max(seconds, 0.001) / 1e6
        whole = f"{seconds:.0f}" if seconds == int(seconds) else f"{seconds:.4f}"
        self.say(
            f"{done} bytes ({dd_size(done, 1000, _DECIMAL)}, {dd_size(done, 1024, _BINARY)})"
            f" copied, {whole} s, {rate:.1f} MB/s"
        )
