"""Whether a guest sees its cards: its agent is asked for what is on its bus, where it has one.

Programs are named by one word, since a list of words does not go through every way to the server.
"""

from __future__ import annotations

import re
from typing import Any

from labtui.actions.action import Call, Wire
from labtui.actions.cards.facts import path_of
from labtui.locale import _
from labtui.model.errors import Forbidden, LabError, Rejected
from labtui.model.guests import Guest
from labtui.model.text import clean

PATIENCE, PAUSE = 90.0, 3.0
_RUN = 20.0
_WAITS = ("not running", "got timeout", "timed out")
_NONE = ("No QEMU guest agent configured", "not configured")
_DISPLAY = re.compile(r"(?:VGA compatible|3D|Display) controller", re.IGNORECASE)
_SMI_ROW = re.compile(r"^\|\s+\d+\s+\S.*\|", re.MULTILINE)
_MAKERS = {"NVIDIA": ("NVIDIA",), "AMD": ("AMD", "Advanced Micro Devices")}


class Seen(Exception):
    """Nobody can say; the text says why."""


async def seen(guest: Guest, wanted: dict[str, int], wire: Wire) -> tuple[bool | None, str]:
    """Whether it sees at least so many cards of each maker; None when nobody can say. In words."""
    deadline = wire.now() + PATIENCE
    found: dict[str, int] | None = None
    while found is None:
        try:
            found = await _counts(guest, wanted, wire)
        except Forbidden as error:
            return None, _("its agent may not be asked: {why}").format(why=error.why or error.what)
        except Seen as error:
            return None, str(error)
        except LabError as error:
            said = error_said(error)
            if any(word in said for word in _NONE):
                return None, _("it has no agent that could be asked for its cards")
            if not any(word in said for word in _WAITS) or wire.now() > deadline:
                why = error.why or error.what
                return None, _("its agent does not say: {why}").format(why=why)
            await wire.sleep(PAUSE)
    short = {maker: n for maker, n in wanted.items() if found.get(maker, 0) < n}
    told = ", ".join(f"{found.get(maker, 0)} {maker}" for maker in wanted)
    if short:
        text = _("it sees {found} of {wanted}")
        asked = ", ".join(f"{n} {maker}" for maker, n in wanted.items())
        return False, text.format(found=told, wanted=asked)
    return True, _("it sees {found}").format(found=told)


def error_said(error: LabError) -> str:
    """The server's own words of a refusal, whatever the language is."""
    return error.said if isinstance(error, Rejected) else error.why


async def _counts(guest: Guest, wanted: dict[str, int], wire: Wire) -> dict[str, int]:
    """Cards by maker, by `lspci`, or by `nvidia-smi` where that is missing."""
    text = await _output(guest, "lspci", wire)
    if text is not None:
        rows = [line for line in text.splitlines() if _DISPLAY.search(line)]
        return {
            maker: sum(any(word in row for word in _MAKERS.get(maker, (maker,))) for row in rows)
            for maker in wanted
        }
    text = await _output(guest, "nvidia-smi", wire) if set(wanted) == {"NVIDIA"} else None
    if text is None:
        raise Seen(_("it runs; no program in it tells of its cards"))
    return {"NVIDIA": len(_SMI_ROW.findall(text.partition("Processes")[0]))}


async def _output(guest: Guest, program: str, wire: Wire) -> str | None:
    """What it prints; None when there is no such program. Raises `LabError`."""
    path = f"{path_of(guest)}/agent"
    call = Call(guest.cluster, "POST", f"{path}/exec", (("command", program),))
    try:
        answer = await wire.call(call)
    except LabError as error:
        if any(word in error_said(error) for word in ("No such file", "child process")):
            return None
        raise
    pid = answer.get("pid") if isinstance(answer, dict) else None
    if not isinstance(pid, int):
        return None
    deadline = wire.now() + _RUN
    while wire.now() < deadline:
        told: Any = await wire.read(guest.cluster, f"{path}/exec-status", pid=pid)
        if isinstance(told, dict) and told.get("exited"):
            well = str(told.get("exitcode", 0)) == "0"
            text = str(told.get("out-data") or "")
            return "\n".join(clean(line) for line in text.splitlines()[:400]) if well else None
        await wire.sleep(1.0)
    return None
