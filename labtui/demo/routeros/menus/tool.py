"""/tool/ping, /tool/traceroute and /interface/monitor-traffic: rows that come by and by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from labtui.demo.overlay.reach import TIMEOUT, Answer, Question
from labtui.demo.routeros.menu import (
    Command,
    Context,
    Parameter,
    Replies,
    Trap,
    invalid,
)
from labtui.demo.routeros.menus.interface import Face, faces, octets
from labtui.demo.routeros.values import duration, parse_boolean, parse_duration

# Without a count a router pings until it is cancelled; this one stops in the end.
_MOST_PROBES = 10_000
_LARGEST = 65535
_SMALLEST = 28
_PACE = 1.0
_MEAN_PACKET = 870


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
    question = _question(context, attributes)
    count, interval = _bounds(attributes)
    totals = _Totals()
    for sequence in range(count):
        if sequence:
            await _sleep(context, interval)
        context.world.advance()
        answer = context.world.reach.ask(context.router, question)
        totals.sent += 1
        words = ["!re", f"=seq={sequence}", f"=host={question.address}"]
        if answer.seconds is None:
            words.append(f"=status={answer.status or TIMEOUT}")
        else:
            totals.times.append(answer.seconds)
            lived = 64 - max(0, len(answer.hops) - 1)
            words.append(f"=size={question.size}")
            words += [f"=ttl={lived}", f"=time={duration(answer.seconds, 'us')}"]
        yield words + totals.words()
    yield ["!done"]


async def _sleep(context: Context, seconds: float) -> None:
    await asyncio.sleep(seconds / max(context.world.clock.speed, 0.001))


def _question(context: Context, attributes: Mapping[str, str]) -> Question:
    address = attributes.get("address", "")
    try:
        ip_address(address)
    except ValueError:
        raise invalid("address") from None
    face = attributes.get("interface", "")
    if face and all(known.name != face for known in faces(context)):
        raise Trap("input does not match any value of interface", 1)
    return Question(
        address,
        _number(attributes, "size", 56, _SMALLEST, _LARGEST),
        not _switch(attributes, "do-not-fragment"),
        attributes.get("src-address", ""),
        face,
    )


def _switch(attributes: Mapping[str, str], name: str) -> bool:
    value = attributes.get(name)
    if value is None:
        return False
    try:
        return value == "" or parse_boolean(value)
    except ValueError:
        raise invalid(name) from None


def _bounds(attributes: Mapping[str, str]) -> tuple[int, float]:
    """Count, and interval in seconds."""
    count = _number(attributes, "count", _MOST_PROBES, 0, 4_294_967_295)
    interval = _seconds(attributes, "interval", "1s")
    if not 0.01 <= interval <= 5:
        raise invalid("interval")
    return min(count, _MOST_PROBES), interval


def _seconds(attributes: Mapping[str, str], name: str, otherwise: str) -> float:
    try:
        return parse_duration(attributes.get(name, otherwise))
    except ValueError:
        raise invalid(name) from None


def _number(attributes: Mapping[str, str], name: str, otherwise: int, low: int, high: int) -> int:
    value = attributes.get(name, str(otherwise))
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        raise invalid(name)
    if not low <= int(value) <= high:
        raise invalid(name)
    return int(value)


async def _trace(
    context: Context, _targets: Sequence[object], attributes: Mapping[str, str]
) -> Replies:
    """A frame of rows per round; bounded by `count`, `duration`, or a few rounds."""
    question = _question(context, attributes)
    rounds = _number(attributes, "count", 3, 1, 100)
    if "duration" in attributes:
        rounds = min(rounds, max(1, int(_seconds(attributes, "duration", "1s"))))
    hops = _number(attributes, "max-hops", 16, 1, 255)
    for section in range(rounds):
        if section:
            await _sleep(context, _PACE)
        context.world.advance()
        answer = context.world.reach.ask(context.router, question)
        for words in _hop_rows(answer, section, hops):
            yield words
    yield ["!done"]


def _hop_rows(answer: Answer, section: int, most: int) -> list[list[str]]:
    rows = []
    for address, seconds in list(zip(answer.hops, answer.times, strict=True))[:most]:
        taken = f"{seconds * 1000:.1f}"
        words = ["!re", f"=.section={section}", f"=address={address}", "=loss=0"]
        words += [f"=sent={section + 1}", f"=last={taken}", f"=avg={taken}"]
        rows.append([*words, f"=best={taken}", f"=worst={taken}", "=std-dev=0", "=status="])
    if answer.seconds is None and len(rows) < most:
        words = ["!re", f"=.section={section}", "=address=", "=loss=100"]
        rows.append([*words, f"=sent={section + 1}", "=last=timeout", "=status="])
    return rows


async def _traffic(
    context: Context, _targets: Sequence[object], attributes: Mapping[str, str]
) -> Replies:
    """Rates of one second; bounded by `once` or `duration`."""
    names = attributes.get("interface", "").split(",")
    found = [face for face in faces(context) if face.name in names]
    if not found:
        raise Trap("input does not match any value of interface", 1)
    frames = 1
    if "once" not in attributes:
        frames = max(1, min(600, int(_seconds(attributes, "duration", "10m"))))
    for section in range(frames):
        if section:
            await _sleep(context, _PACE)
        for face in found:
            context.world.advance()
            yield _rates(context, face, section)
    yield ["!done"]


def _rates(context: Context, face: Face, section: int) -> list[str]:
    """The mean since the boot with the swing of the moment: there is no second look to compare."""
    age = max(1.0, context.world.now - context.router.booted)
    swing = 0.8 + 0.4 * context.world.underlay.chance("rate", face.name, int(context.world.now))
    words = ["!re", f"=.section={section}", f"=name={face.name}"]
    for name, received in (("rx", True), ("tx", False)):
        rate = 0.0
        if not face.disabled:
            rate = octets(context, face, received=received) / age * swing
        words.append(f"={name}-packets-per-second={int(rate / _MEAN_PACKET)}")
        words.append(f"={name}-bits-per-second={int(rate * 8)}")
        words.append(f"={name}-drops-per-second=0")
        words.append(f"={name}-errors-per-second=0")
    return words


_PING_WORDS = (
    "address",
    "count",
    "interval",
    "size",
    "interface",
    "src-address",
    "vrf",
    "ttl",
    "dscp",
    "arp-ping",
    "do-not-fragment",
)
_TRACE_WORDS = (
    "address",
    "count",
    "do-not-fragment",
    "dscp",
    "duration",
    "interface",
    "max-hops",
    "port",
    "protocol",
    "size",
    "src-address",
    "timeout",
    "use-dns",
    "vrf",
)

PING: Command[object] = Command(
    "ping", "test", _ping, tuple(Parameter(name) for name in _PING_WORDS)
)
TRACEROUTE: Command[object] = Command(
    "traceroute", "test", _trace, tuple(Parameter(name) for name in _TRACE_WORDS)
)
TRAFFIC: Command[object] = Command(
    "monitor-traffic",
    "read",
    _traffic,
    (Parameter("interface"), Parameter("once"), Parameter("duration"), Parameter("interval")),
)
