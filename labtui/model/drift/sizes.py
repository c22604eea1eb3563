"""Sizes on both sides: what runs counts bytes, NetBox megabytes without saying which.

NetBox shows MB by its own `RAM_BASE_UNIT` and `DISK_BASE_UNIT` (1000 unless set otherwise), tools
write MiB there, and some whole gibibytes times 1000. Any of the three readings that fits is the
same size; what differs is shown with both numbers as they stand.
"""

from __future__ import annotations

MIB = 1 << 20
_MB = 10**6
_GIB = 1 << 30


def same_size(actual: int, recorded: int) -> bool:
    """Whether that many bytes may be what `recorded` megabytes say, within half a megabyte."""
    slack = MIB // 2
    readings = (recorded * MIB, recorded * _MB, recorded * _GIB // 1000)
    return any(abs(actual - reading) <= slack for reading in readings)


def megabytes(size: int) -> int:
    """Bytes as the number to write: MiB, rounded to the nearest."""
    return (size + MIB // 2) // MIB


def said(size: int) -> str:
    """Bytes as they are shown beside a record's number: `4096 MiB`."""
    return f"{megabytes(size)} MiB"


def noted(number: int) -> str:
    """A number as it stands in NetBox: `4096 MB`."""
    return f"{number} MB"
