"""SIGKILL in the middle of an evacuation, again and again: `make evacuation-kills`.

A demo lab in a process of its own; `labtui evacuate` and then `labtui jobs resume` in others, each
killed at a seeded random moment, until the last one may end. The lab's own task list is the judge:
every guest is where the journal says, with exactly one successful migration.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.running import LABTUI, demo_process

NODE = "pve1"
_LONGEST = 300.0
_MIGRATIONS = ("qmigrate", "vzmigrate")
_BEGUN = " moved"
_AT_ANY_TIME = 0.15


@dataclass
class Verdict:
    """What was found: `wrong` is empty when all is as it should be."""

    kills: int = 0
    moved: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Lab:
    """A running demo lab, and a folder for the journals of the consoles that work on it."""

    def __init__(self, told: dict[str, Any], folder: Path) -> None:
        text = Path(told["config"]).read_text("utf-8")
        self.config = folder / "config.toml"
        self.config.touch(mode=0o600)
        # A demo lab keeps no journal; this one has to.
        self.config.write_text(text.replace("demo = true", "demo = false"), "utf-8")
        settings = tomllib.loads(text)["proxmox"][0]
        self._url = settings["endpoints"][1] + "/api2/json"
        token = f"PVEAPIToken={settings['token_id']}={settings['token_secret']}"
        self._headers = {"Authorization": token}
        self._tls = ssl.create_default_context(cafile=settings["ca_file"])
        self._env = {
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "LC_ALL": "C.UTF-8",
        }

    def get(self, path: str) -> Any:
        """What the lab itself says, asked past the console."""
        request = urllib.request.Request(self._url + path, headers=self._headers)
        with urllib.request.urlopen(request, timeout=10, context=self._tls) as answer:
            return json.load(answer)["data"]

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """A console that does this."""
        return subprocess.Popen(
            [*LABTUI, "--config", str(self.config), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._env,
        )

    def told(self, *words: str) -> Any:
        """What a console prints as JSON."""
        process = self.begin(*words, "-o", "json")
        out, _err = process.communicate(timeout=120)
        return json.loads(out)

    def guests(self) -> dict[int, dict[str, Any]]:
        """Every guest's row."""
        return {row["vmid"]: row for row in self.get("/cluster/resources?type=vm")}

    def migrations(self) -> tuple[Counter[int], Counter[int]]:
        """How many of each guest ended well, and how many did not."""
        well: Counter[int] = Counter()
        ill: Counter[int] = Counter()
        for node in self.get("/nodes"):
            for row in self.get(f"/nodes/{node['node']}/tasks?limit=1000"):
                if row["type"] in _MIGRATIONS:
                    status = str(row.get("status", ""))
                    (well if status == "OK" or status.startswith("WARN") else ill)[
                        int(row["id"])
                    ] += 1
        return well, ill


def torment(
    seed: int, kills: int, *, speed: float = 20.0, version: str = "9.2", guests: int = 58
) -> Verdict:
    """Empty a node with that many kills on the way, and judge the end."""
    dice, verdict = random.Random(seed), Verdict()
    lab_words = ("--speed", str(speed), "--version", version, "--guests", str(guests))
    with tempfile.TemporaryDirectory() as folder, demo_process(*lab_words) as told:
        lab = Lab(told, Path(folder))
        before = lab.guests()
        while verdict.kills < kills and _killed(lab, dice, verdict):
            pass
        out, status = _to_the_end(lab)
        if status:
            verdict.wrong.append(f"the last one ended with {status}: {out[-300:]}")
        _judge(lab, before, verdict)
    return verdict


def _words(lab: Lab) -> tuple[str, ...]:
    """What takes it up: the first time, and while nothing was written, from the start."""
    known = lab.told("jobs")
    if not known:
        words = ("evacuate", NODE, "--yes", "--include-stopped", "--limit", "3")
        # Some of its guests are shut down for it, and that wants the node's name.
        return (*words, "--confirm", NODE)
    return ("jobs", "resume", known[0]["id"], "--yes")


def _killed(lab: Lab, dice: random.Random, verdict: Verdict) -> bool:
    """One console that is killed; False when it was done before that."""
    process = lab.begin(*_words(lab))
    assert process.stdout is not None
    if dice.random() < _AT_ANY_TIME:
        time.sleep(dice.uniform(0.1, 2.0))
    else:
        # On a busy machine the start takes most of the time; what is wanted is the work.
        while (line := process.stdout.readline()) and _BEGUN not in line:
            pass
        time.sleep(dice.uniform(0.0, 2.5))
    if process.poll() is not None:
        process.communicate(timeout=10)
        return False
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    verdict.kills += 1
    known = lab.told("jobs")
    states = [step["state"] for step in known[0]["steps"]] if known else []
    verdict.phases["under way" if "under way" in states else "between" if known else "plan"] += 1
    return True


def _to_the_end(lab: Lab) -> tuple[str, int]:
    known = lab.told("jobs")
    if known and known[0]["state"] == "done":
        return "", 0
    process = lab.begin(*_words(lab))
    out, _err = process.communicate(timeout=_LONGEST)
    return out, process.returncode


def _judge(lab: Lab, before: dict[int, dict[str, Any]], verdict: Verdict) -> None:
    records = lab.told("jobs")
    if len(records) != 1 or records[0]["state"] != "done":
        verdict.wrong.append(f"journals: {[(r['id'], r['state']) for r in records]}")
        return
    now = lab.guests()
    well, ill = lab.migrations()
    planned = {int(s["guest"].split("/")[1]): s for s in records[0]["steps"] if s["to"]}
    verdict.moved = len(planned)
    for vmid, row in before.items():
        if row["node"] != NODE:
            if now[vmid]["node"] != row["node"] or well[vmid]:
                verdict.wrong.append(f"{vmid} of {row['node']} was moved")
            continue
        wanted = planned[vmid]["to"] if vmid in planned else NODE
        if now[vmid]["node"] != wanted:
            verdict.wrong.append(f"{vmid} is on {now[vmid]['node']}, not on {wanted}")
        if well[vmid] != (vmid in planned):
            verdict.wrong.append(f"{vmid}: {well[vmid]} successful migrations, {ill[vmid]} others")
        if ill[vmid]:
            verdict.wrong.append(f"{vmid}: {ill[vmid]} migrations that failed")
        if now[vmid]["status"] != row["status"]:
            verdict.wrong.append(f"{vmid} was {row['status']}, is {now[vmid]['status']}")


def main(words: Sequence[str] | None = None) -> int:
    """Evacuations with a handful of kills each, until there were enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=836)
    parser.add_argument("--speed", type=float, default=20.0)
    options = parser.parse_args(words)
    done, number, wrong = 0, 0, 0
    began = time.monotonic()
    while done < options.kills:
        version = ("9.2", "8.4")[number % 2]
        most = min(6, options.kills - done)
        verdict = torment(options.seed + number, most, speed=options.speed, version=version)
        done, number, wrong = done + verdict.kills, number + 1, wrong + len(verdict.wrong)
        sys.stdout.write(
            f"{version} seed {options.seed + number - 1}: {verdict.kills} kills "
            f"{dict(verdict.phases)}, {verdict.moved} moved, {verdict.wrong or 'all well'}\n"
        )
        sys.stdout.flush()
    took = time.monotonic() - began
    sys.stdout.write(f"{done} kills in {number} evacuations, {wrong} faults, {took:.0f} s\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
