"""Progress of a migration from the lines of its task log. Pure.

Line forms as printed by qemu-server's `PVE/QemuMigrate.pm` and `PVE/QemuServer/BlockJob.pm` and
pve-container's migration, and as recorded from 8.4 and 9.2. Lines of tools have no time stamp.
"""

from __future__ import annotations

import math
import re

import msgspec

_STAMP = r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?"
_SIZE = r"(\d+(?:\.\d+)?) ?([KMGTP]?i?B)"
_RAM = re.compile(
    rf"^{_STAMP}migration (?:active|device), transferred {_SIZE} of {_SIZE} VM-state"
    rf"(?:, {_SIZE}/s)?(?:.*?VM dirties lots of memory: {_SIZE}/s)?"
)
_RAISED = re.compile(r"auto-increased downtime to continue migration: (\d+) ms")
_COMPRESSED = re.compile(r"xbzrle: send updates to \d+ pages")
_DISK = re.compile(
    rf"^{_STAMP}(?:drive|mirror)-(\S+?): transferred {_SIZE} of {_SIZE} \((\d+(?:\.\d+)?)%\)"
)
_COPIED = re.compile(r"^(\d+) bytes \([^)]*\) copied, [\d.]+ ?s, (\d+(?:\.\d+)?) ([kMG]?B)/s")
_FOUND = re.compile(rf"^{_STAMP}found local disk '([^']+)'")
_SPEED = re.compile(rf"average migration speed: {_SIZE}/s - downtime (\d+) ms")
_FINISHED = re.compile(r"migration finished (successfully|with problems)")
_ABORTED = re.compile(r"migration aborted \(duration [^)]*\): (.*)$")
_ERROR = re.compile(rf"^{_STAMP}ERROR: (.*)$")
_TASK_ERROR = re.compile(r"^TASK ERROR: (.*)$")
_STARTING = re.compile(rf"^{_STAMP}starting migration of (?:VM|CT) \d+ to node '([^']+)'")
_SCALE = {
    "B": 1,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "TiB": 1 << 40,
    "PiB": 1 << 50,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
}


class MigrationProgress(msgspec.Struct, frozen=True):
    """What the log has told so far. Bytes and bytes per second; `passes` counts RAM rounds.

    `disks` maps a drive to (done, all). `error` is the reason of a failure, `downtime` in ms,
    `target` the node it goes to. Where the guest writes faster than is sent: `dirty` bytes/s,
    `allowed` the downtime in ms that the limit was raised to, `compressed` whether pages go again
    as differences.
    """

    ram_done: float = 0.0
    ram_all: float = 0.0
    passes: int = 1
    rate: float | None = None
    disks: dict[str, tuple[float, float]] = {}
    problems: bool = False
    finished: bool = False
    downtime: int | None = None
    error: str = ""
    target: str = ""
    dirty: float | None = None
    allowed: int | None = None
    compressed: bool = False

    @property
    def copied(self) -> float:
        """Bytes that have gone over, pages that were sent again included."""
        return self.ram_done + sum(done for done, _whole in self.disks.values())

    def fraction(self, ram_expected: float) -> float | None:
        """0 to 1 by bytes of disks and RAM, None before the first number.

        `ram_expected` is the guest's memory while the RAM has not been counted yet.
        """
        if self.finished:
            return 1.0
        disks_all = sum(whole for _done, whole in self.disks.values())
        if not disks_all and not self.ram_all:
            return None
        disks_done = sum(done for done, _whole in self.disks.values())
        ram_all = self.ram_all or ram_expected
        done = disks_done + min(self.ram_done, ram_all)
        # Dirtied pages are sent again, so "all sent" is not "done" before the log says so.
        return min(0.99, done / (disks_all + ram_all)) if disks_all + ram_all else None

    def left(self, ram_expected: float) -> float | None:
        """Seconds still to go at the present rate, None when not known."""
        if self.finished or not self.rate:
            return None
        disks = sum(max(0.0, whole - done) for done, whole in self.disks.values())
        ram = max(0.0, (self.ram_all or ram_expected) - self.ram_done)
        return (disks + ram) / self.rate


def _bytes(number: str, unit: str) -> float:
    return float(number) * _SCALE.get(unit, 1)


def read_line(progress: MigrationProgress, line: str) -> MigrationProgress:
    """The progress after one more line of the log; unknown lines change nothing."""
    replace = msgspec.structs.replace
    if match := _RAM.search(line):
        done, whole = _bytes(match[1], match[2]), _bytes(match[3], match[4])
        rate = _bytes(match[5], match[6]) if match[5] else progress.rate
        passes = max(progress.passes, math.ceil(done / whole)) if whole else progress.passes
        dirty = _bytes(match[7], match[8]) if match[7] else None
        return replace(
            progress, ram_done=done, ram_all=whole, rate=rate, passes=passes, dirty=dirty
        )
    if match := _DISK.search(line):
        sizes = (_bytes(match[2], match[3]), _bytes(match[4], match[5]))
        return replace(progress, disks={**progress.disks, match[1]: sizes})
    if match := _COPIED.search(line):
        return replace(progress, rate=_bytes(match[2], match[3]))
    if match := _RAISED.search(line):
        return replace(progress, allowed=int(match[1]))
    if _COMPRESSED.search(line):
        return replace(progress, compressed=True)
    if match := _SPEED.search(line):
        rate = _bytes(match[1], match[2]) or progress.rate
        return replace(progress, rate=rate, downtime=int(match[3]))
    if match := _STARTING.search(line):
        return replace(progress, target=match[1])
    if match := _FINISHED.search(line):
        return replace(progress, finished=True, problems=match[1] != "successfully")
    for form in (_ABORTED, _TASK_ERROR, _ERROR):
        if match := form.search(line):
            # The first reason is the cause; later ones are what came of it.
            return progress if progress.error else replace(progress, error=match[1].strip())
    return progress
