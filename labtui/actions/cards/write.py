"""One configuration written, or put back: looked at before and after, and sent once.

What is written stands in the step: the new values, the old ones, and the digest of what it was
made for. The configuration is read as it will be after a restart, so that what waits counts too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from labtui.actions.action import Call, Outcome, Step, Wire
from labtui.actions.task_run import POLL, reason
from labtui.locale import _
from labtui.model.errors import LabError

_READING = 30.0
Sends = Callable[[], Awaitable[None]]


class Values(msgspec.Struct, frozen=True):
    """What a write changes: key -> value, empty for one that is not there."""

    new: dict[str, str]
    old: dict[str, str]


def values_of(step: Step) -> Values:
    """Those of a step."""
    return msgspec.json.decode(step.note, type=Values)


def same(config: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    """Whether a configuration has these values; the server ends a text with a line end."""
    return all(_text(config, key).rstrip("\n") == v.rstrip("\n") for key, v in values.items())


def _text(config: Mapping[str, Any], key: str) -> str:
    value = config.get(key)
    return "" if value is None else str(value)


async def config_of(step: Step, wire: Wire) -> Mapping[str, Any]:
    """The configuration now, asked for a while. Raises `LabError` when nobody says."""
    call = step.calls[0]
    deadline = wire.now() + _READING
    while True:
        try:
            found = await wire.read(call.source, call.path)
            return found if isinstance(found, dict) else {}
        except LabError:
            if wire.now() > deadline:
                raise
        await wire.sleep(POLL)


async def write(step: Step, wire: Wire, sends: Sends) -> Outcome:
    """Send it, unless it is so already. Raises `LabError` when nobody can say what is there."""
    values = values_of(step)
    config = await config_of(step, wire)
    if same(config, values.new):
        return Outcome("done", _("written"))
    digest = dict(step.calls[0].params).get("digest")
    if not same(config, values.old) or (digest and digest != config.get("digest")):
        return Outcome("failed", _("somebody has changed it since the plan was made"))
    await sends()
    why = await _sent(step.calls[0], wire)
    config = await config_of(step, wire)
    if same(config, values.new):
        return Outcome("done", _("written"))
    if same(config, values.old):
        return Outcome("failed", why or _("it was not taken"))
    return Outcome("unknown", _("it is neither as it was nor as it was wanted"))


async def put_back(step: Step, wire: Wire, sends: Sends) -> Outcome:
    """Have it as it was before. Raises `LabError` when nobody can say what is there."""
    values = values_of(step)
    config = await config_of(step, wire)
    if same(config, values.old):
        return Outcome("done", _("as it was"))
    if not same(config, values.new):
        return Outcome("unknown", _("somebody has changed it since: it is left as it is"))
    await sends()
    why = ""
    # What waited may be in force by now: then the old values are written, not merely taken back.
    for call in dict.fromkeys((step.calls[1], _plain(step, values))):
        digest = str(config.get("digest", ""))
        params = (*call.params, *((("digest", digest),) if digest else ()))
        why = await _sent(msgspec.structs.replace(call, params=params), wire)
        config = await config_of(step, wire)
        if same(config, values.old):
            return Outcome("done", _("as it was"))
    return Outcome("unknown", why or _("it was not taken"))


def _plain(step: Step, values: Values) -> Call:
    gone = ",".join(key for key, value in values.old.items() if not value)
    params: tuple[tuple[str, str | int], ...] = tuple(
        (key, value) for key, value in values.old.items() if value
    )
    params = (*params, ("delete", gone)) if gone else params
    return msgspec.structs.replace(step.calls[1], params=params)


async def _sent(call: Call, wire: Wire) -> str:
    """Why it was refused, or an empty text; a lost answer is for the next look to judge."""
    try:
        await wire.call(call)
    except LabError as error:
        return reason(error)
    return ""
