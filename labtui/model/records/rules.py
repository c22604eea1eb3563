"""What the configuration says about joining records and about differences that are meant."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

import msgspec

GuestKey = Literal["vmid", "mac", "name"]
DeviceKey = Literal["name", "serial"]
GUEST_KEYS: tuple[GuestKey, ...] = ("vmid", "mac", "name")
DEVICE_KEYS: tuple[DeviceKey, ...] = ("name", "serial")


class Keys(msgspec.Struct, frozen=True):
    """By what guests and devices are known again, the strongest first; never by address alone."""

    guests: tuple[GuestKey, ...] = GUEST_KEYS
    devices: tuple[DeviceKey, ...] = DEVICE_KEYS


class Ignore(msgspec.Struct, frozen=True):
    """A rule for differences that are meant so: patterns with `*` and `?`, and why.

    `what` is the noun (guest, disk, prefix, ...), `field` the field; empty ones match everything.
    """

    reason: str
    what: str = ""
    name: str = ""
    field: str = ""

    def covers(self, what: str, name: str, field: str) -> bool:
        """Whether a difference of that kind falls under the rule."""
        return all(
            not pattern or fnmatchcase(text.casefold(), pattern.casefold())
            for pattern, text in ((self.what, what), (self.name, name), (self.field, field))
        )
