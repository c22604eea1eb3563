"""/tool/ping: one row per probe with running totals, and no summary."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from labtui.demo.routeros.menu import Command, Context, Parameter, Replies, invalid
from labtui.demo.routeros.values import duration, parse_duration

# Without a count a router pings until it is cancelled; this one stops in the end.
_MOST_PROBES = 10_000
_TIMEOUT = "timeout"


@dataclass
class _Totals:
    """What every row repeats."""

    sent: int = 0
    times: list[float] = field(default_factory=list)

    def words(self) -> list[str]:
        lost = 100 * (self.sent - len(self.times)) // self.sent
        words = [
            f"=sent={self.sent}",
            f"=received={len(self.times)}",
            f"=packet-loss={lost}",
        ]
        if self.times:
            mean = sum(self.times) / len(self.times)
            for name, value in (("min", min(self.times)), ("avg", mean), ("max", max(self.times))):
                words.append(f"={name}-rtt={duration(value, 'us')}")
        return words


async def _ping(
    context: Context, _targets: Sequence[object], attributes: Mapping[str, str]
) -> Replies:
    address = attributes.get("address", "")
    count, interval, size = _bounds(attributes)
    try:
        ip_address(address)
    except ValueError:
        raise invalid("address") from None
    totals = _Totals()
    for sequence in range(count):
        if sequence:
            await asyncio.sleep(interval / max(context.world.clock.speed, 0.001))
        context.world.advance()
        answer = context.world.probe(context.router, address)
        totals.sent += 1
        words = ["!re", f"=seq={sequence}", f"=host={address}"]
        if answer is None:
            words.append(f"=status={_TIMEOUT}")
        else:
            totals.times.append(answer)
            words += [f"=size={size}", "=ttl=64", f"=time={duration(answer, 'us')}"]
        yield words + totals.words()
    yield ["!done"]


def _bounds(attributes: Mapping[str, str]) -> tuple[int, float, int]:
    """Count, interval in seconds and size of the probes."""
    count = _number(attributes, "count", _MOST_PROBES)
    size = _number(attributes, "size", 56)
    try:
        interval = parse_duration(attributes.get("interval", "1s"))
    except ValueError:
        raise invalid("interval") from None
    if not 0.01 <= interval <= 5:
        raise invalid("interval")
    return min(count, _MOST_PROBES), interval, size


def _number(attributes: Mapping[str, str], name: str, otherwise: int) -> int:
    value = attributes.get(name, str(otherwise))
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        raise invalid(name)
    return int(value)


PING: Command[object] = Command(
    "ping",
    "test",
    _ping,
    (
        Parameter("address"),
        Parameter("count"),
        Parameter("interval"),
        Parameter("size"),
        Parameter("interface"),
        Parameter("src-address"),
        Parameter("vrf"),
        Parameter("ttl"),
        Parameter("dscp"),
        Parameter("arp-ping"),
        Parameter("do-not-fragment"),
    ),
)
