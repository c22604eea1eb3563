"""Every kind of record made untrue in the demo's NetBox, told by `labtui drift` and mended by it.

The same rounds are run by hand against NetBox itself (`tests/netbox_real`).
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import demo_process, labtui
from tests.netbox_real.untruths import ROUNDS, Records, Told, Untruth

_TURNS = 3


def differences(config: str) -> list[dict[str, Any]]:
    ended = labtui("--config", config, "drift", "-o", "json")
    assert ended.status in (0, 1), ended.err
    found: list[dict[str, Any]] = json.loads(ended.out)["differences"]
    return found


def told(found: list[dict[str, Any]]) -> set[Told]:
    return {(each["kind"], each["what"], each["field"] or "") for each in found}


@pytest.mark.parametrize("untruths", ROUNDS)
def test_each_is_told_and_mended(untruths: tuple[Untruth, ...]) -> None:
    with demo_process() as lab:
        config = lab["config"]
        netbox = tomllib.loads(Path(config).read_text("utf-8"))["netbox"]
        records = Records(netbox["url"], netbox["token"])
        expected: set[Told] = set()
        for each in untruths:
            if records.plugin or not each.plugin:
                each.do(records)
                expected |= set(each.told)
        found = differences(config)
        assert told(found) == expected
        # What is made can lack parts that only show when it is there.
        for _turn in range(_TURNS):
            ended = labtui("--config", config, "drift", "--mend", "*", "--yes", "--why", "a test")
            assert ended.status == 0, (ended.out, ended.err)
            found = differences(config)
            if not found:
                break
        assert found == []
