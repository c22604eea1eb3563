"""Running `labtui` as its user does, in a process of its own, over a demo lab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

LABTUI = (sys.executable, "-m", "labtui")


@dataclass(frozen=True)
class Ended:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str


def labtui(*words: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Ended:
    """Run `labtui` with these words."""
    done = subprocess.run(
        [*LABTUI, *words],
        capture_output=True,
        text=True,
        timeout=60,
        input=stdin,
        env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@contextmanager
def demo_process(*words: str) -> Iterator[dict[str, Any]]:
    """A demo lab; gives what it says of itself when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "labtui.demo", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def control(told: dict[str, Any], path: str, **body: object) -> None:
    """Break or mend something in that demo lab (`/fault`, `/power`, `/link`)."""
    request = urllib.request.Request(
        told["control"]["url"] + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {told['control']['token']}"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()
