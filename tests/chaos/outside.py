"""The other processes of the suite: the demo lab with its truth, and a clock that beats alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

Truth = dict[str, Any]
Past = list[tuple[float, Truth]]


class Refused(Exception):
    """The control listener said no, in words."""


class World:
    """A demo lab that runs elsewhere: broken, mended, and asked what is true. All calls block."""

    def __init__(self, told: dict[str, Any], speed: float) -> None:
        self.told = told
        self.speed = speed
        self.config: str = told["config"]

    def faults(self) -> list[dict[str, Any]]:
        """The register: name, targets, options of each fault."""
        found: list[dict[str, Any]] = self._control("/faults")
        return found

    def state(self) -> dict[str, Any]:
        """What is on, by the control listener."""
        found: dict[str, Any] = self._control("/state")
        return found

    def break_(self, fault: str, target: str, **options: object) -> None:
        """Begin a fault. Raises `Refused`."""
        self._control("/break", fault=fault, target=target, options=options)

    def mend(self, fault: str = "", target: str = "") -> None:
        """End a fault, or all. Raises `Refused`."""
        self._control("/mend", fault=fault, target=target)

    def power(self, node: str, *, on: bool) -> None:
        """Switch a node on or off."""
        self._control("/power", node=node, on=on)

    def heal(self, patience: float = 60.0) -> None:
        """End everything that is on and wait until the worlds are whole. Raises `TimeoutError`."""
        self.mend()
        deadline = time.monotonic() + patience
        while not _whole(self.past(time.time())[-1][1]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the world did not heal: {self.state()}")
            time.sleep(0.1)

    def past(self, since: float) -> Past:
        """What was true from then on."""
        with urllib.request.urlopen(f"{self.told['truth']}?since={since}", timeout=10) as answer:
            return [(at, truth) for at, truth in json.load(answer)]

    def _control(self, path: str, **body: object) -> Any:
        control = self.told["control"]
        data = json.dumps(body).encode() if body else None
        headers = {"Authorization": f"Bearer {control['token']}"}
        request = urllib.request.Request(control["url"] + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.read().decode()) from None


def _whole(truth: Truth) -> bool:
    everybody = sorted(truth["views"])
    return (
        all(view == everybody for view in truth["views"].values())
        and all(mode == "ok" for mode in truth["servers"].values())
        and all(truth["routers"].values())
        and truth["measured"] == everybody
    )


@contextmanager
def world(
    speed: float = 20.0, nodes: int = 5, guests: int = 58, delays: float | None = None
) -> Iterator[World]:
    """A demo lab until the block ends. `delays` 1: a dead node is missed after the full 30 s."""
    command = [sys.executable, "-m", "tests.chaos.world", "--speed", str(speed)]
    command += ["--nodes", str(nodes), "--guests", str(guests)]
    if delays is not None:
        command += ["--delays", str(delays)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield World(json.loads(process.stdout.readline()), speed)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class Reference:
    """A heartbeat in a process that does nothing else: when it is late, the machine is."""

    def __init__(self) -> None:
        command = [sys.executable, "-S", "-m", "tests.chaos.reference"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(5)
        self._process.stdout.close()

    def gaps(self) -> list[tuple[float, float]]:
        """(begin, end) of each time it was late since the last question, on `time.monotonic`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(b"?")
        self._process.stdin.flush()
        return [(begin, end) for begin, end in json.loads(self._process.stdout.readline())]
