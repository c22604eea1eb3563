"""A gate with a clock of its own, and a wire behind it that records what gets through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labtui.actions.action import SSH, Call
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.live.wire import LiveWire
from labtui.model.errors import Rejected
from tests.snapshots import NOW

CALLS = (
    *(Call("lab", m, "/nodes/pve1/qemu/104/status/stop") for m in ("POST", "PUT", "DELETE")),
    Call("lab", SSH, "ssh://root@pve1:22", (("command", "qm unlock 104"),)),
)
ALL = [call.method for call in CALLS]
OPEN: list[Holdback] = []
"""Made and not closed yet: each has a thread that reads its freeze file."""


class Recorder:
    """A cluster that writes down what reaches it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any:
        return []

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 30.0
    ) -> Any:
        self.sent.append(method)
        return "UPID:x"

    def shell(self, node: str, address: str) -> tuple[str, str, str]:
        raise AssertionError(node)

    def ask_config(self, vmid: int) -> None:
        raise AssertionError(vmid)

    async def task_status(self, upid: str) -> Any:
        raise AssertionError(upid)

    async def task_log(self, upid: str, start: int) -> list[tuple[int, str]]:
        raise AssertionError(upid)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def made(tmp_path: Path, clock: Clock | None = None, **more: Any) -> tuple[Holdback, Path, Path]:
    """A gate with its freeze file and its journal."""
    path, book = tmp_path / "freeze.json", tmp_path / "journal.jsonl"
    given = {"path": path, "journal": Journal(book), "clock": clock or Clock(), **more}
    OPEN.append(Holdback(**given))
    return OPEN[-1], path, book


def entries(book: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []


async def reached(gate: Holdback, *, begun: bool = False) -> tuple[list[str], str]:
    """What every kind of write comes to: the methods sent, and the last refusal."""
    cluster, words = Recorder(), ""
    wire = LiveWire(Store(), {"lab": cluster}, gate=gate, begun=begun)
    for call in CALLS:
        try:
            await wire.call(call)
        except Rejected as error:
            words = f"{error}. {error.remedy}"
    return cluster.sent, words


async def until(true: Callable[[], bool]) -> None:
    for _round in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError
