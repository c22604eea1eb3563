"""mktxp, a monitoring program that others wrote, scrapes the routers for a minute of their time."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from importlib import resources
from pathlib import Path
from typing import Any

from tests.cli.running import demo_process

SCRAPES = 7
PAUSE = 1.0
SPEED = 10
"""Seven scrapes a second apart, in a lab that lives ten seconds in each: over a minute."""

# What a router without radio, power over its cables and real ports has nothing to say about.
_LACKING = ("poe", "monitor", "wireless", "wireless_clients", "capsman", "capsman_clients")
_WANTED = ("user", "queue", "bgp", "netwatch", "ipsec", "certificate")
_SETTING = re.compile(r"^(\s*)(\w+)(\s*=\s*)(\S+)", re.MULTILINE)


def _set(text: str, **values: object) -> str:
    """mktxp's own example file with some values of ours."""

    def changed(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}{match[3]}{values.get(match[2], match[4])}"

    return _SETTING.sub(changed, text)


def _example(name: str) -> str:
    return resources.files("mktxp").joinpath("cli/config", name).read_text("utf-8")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _configure(folder: Path, lab: dict[str, Any], port: int) -> list[str]:
    user, account = next(iter(lab["accounts"]["routers"].items()))
    features = dict.fromkeys(_LACKING, False) | dict.fromkeys(_WANTED, True)
    defaults = _set(_example("mktxp.conf"), **features, username=user, password=account["password"])
    routers = "".join(
        f"[{router['name']}]\n    hostname = 127.0.0.1\n    port = {router['plain_port']}\n\n"
        for router in lab["routers"]
    )
    folder.joinpath("mktxp.conf").write_text(routers + defaults[defaults.index("[default]") :])
    ourselves = _set(
        _example("_mktxp.conf"), listen=f"'127.0.0.1:{port}'", minimal_collect_interval=0
    )
    folder.joinpath("_mktxp.conf").write_text(ourselves)
    return [router["name"] for router in lab["routers"]]


def _metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        body: bytes = answer.read()
        return body.decode()


def _first(port: int, program: subprocess.Popen[bytes]) -> str:
    for _attempt in range(600):
        assert program.poll() is None
        try:
            return _metrics(port)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it never listened")


def test_it_scrapes_for_a_minute_without_an_error(tmp_path: Path) -> None:
    port = _free_port()
    log = tmp_path / "out"
    command = [str(Path(sys.executable).with_name("mktxp")), "--cfg-dir", str(tmp_path), "export"]
    with demo_process("--speed", str(SPEED)) as lab, log.open("wb") as out:
        names = _configure(tmp_path, lab, port)
        program = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=tmp_path)
        try:
            found = [_first(port, program)]
            for _scrape in range(SCRAPES):
                time.sleep(PAUSE)
                found.append(_metrics(port))
        finally:
            program.terminate()
            program.wait(10)
    for name in names:
        for metrics in found[1:]:
            assert f'routerboard_name="{name}"' in metrics
        assert any(
            line.startswith("mktxp_bgp") and f'"{name}"' in line for line in found[-1].splitlines()
        )
    said = log.read_text().casefold()
    assert "error" not in said
    assert "traceback" not in said
