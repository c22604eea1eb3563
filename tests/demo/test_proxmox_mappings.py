"""Mappings of PCI and USB devices over HTTP: written, compared with the hardware, deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.task_wait import post_pairs

PCI, USB = "/cluster/mapping/pci", "/cluster/mapping/usb"
GOOD = "id=10de:2684,iommugroup=14,node=pve1,path=0000:01:00.0,subsystem-id=1458:40ee"


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(auth_delay=0.0) as running:
        yield running


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (GOOD, None),
        (GOOD.replace("01:00.0", "99:00.0"), "pci device '0000:99:00.0' not found"),
        (GOOD.replace("2684", "2231"), "'id' does not match for 'try' (10de:2684 != 10de:2231)"),
        (GOOD.replace("=14", "=15"), "'iommugroup' does not match for 'try' (14 != 15)"),
        (
            GOOD.replace("iommugroup=14,", ""),
            "missing expected property 'iommugroup' for device '0000:01:00.0'",
        ),
        (
            GOOD.replace("40ee", "0001"),
            "'subsystem-id' does not match for 'try' (1458:40ee != 1458:0001)",
        ),
    ],
)
def test_an_entry_is_compared_with_the_hardware(
    lab: LabThread, line: str, text: str | None
) -> None:
    assert lab.ask(PCI, "POST", params={"id": "try", "map": line}).status == 200
    try:
        rows = {row["id"]: row for row in lab.get(PCI, **{"check-node": "pve1"})}
        expected = [] if text is None else [f"Invalid configuration: {text}\n"]
        assert [check["message"] for check in rows["try"]["checks"]] == expected
        rows = {row["id"]: row for row in lab.get(PCI, **{"check-node": "pve4"})}
        assert rows["try"]["checks"][0]["message"] == "No mapping for node pve4."
    finally:
        assert lab.ask(f"{PCI}/try", "DELETE").status == 200


def test_writing_needs_the_digest_of_the_file(lab: LabThread) -> None:
    assert lab.ask(PCI, "POST", params={"id": "mine", "map": GOOD}).status == 200
    taken = lab.ask(PCI, "POST", params={"id": "mine", "map": GOOD})
    assert taken.reason == "create hardware mapping failed: mapping ID 'mine' already defined"
    row = lab.get(f"{PCI}/mine")
    params = {"description": "shared", "digest": row["digest"]}
    assert lab.ask(f"{PCI}/mine", "PUT", params=params).status == 200
    assert lab.get(f"{PCI}/mine")["description"] == "shared"
    stale = lab.ask(f"{PCI}/mine", "PUT", params={"map": GOOD, "digest": "0" * 40})
    assert stale.reason == (
        "update hardware mapping failed: detected modified configuration - file changed by other"
        " user? Try again."
    )
    assert lab.ask(f"{PCI}/mine", "DELETE").status == 200
    gone = lab.ask(f"{PCI}/mine")
    assert (gone.status, gone.reason) == (500, "mapping 'mine' not found")


def test_several_lines_are_several_parameters(lab: LabThread) -> None:
    second = GOOD.replace("pve1", "pve2")
    reply = post_pairs(lab, PCI, ("id", "two"), ("map", GOOD), ("map", second))
    assert reply.status == 200
    assert lab.get(f"{PCI}/two")["map"] == [GOOD, second]
    assert lab.ask(f"{PCI}/two", "DELETE").status == 200


def test_a_line_without_its_node_is_refused(lab: LabThread) -> None:
    reply = lab.ask(PCI, "POST", params={"id": "bad", "map": "path=0000:01:00.0,id=10de:2684"})
    assert reply.status == 400
    assert "node" in reply.json["errors"]["map"]


def test_usb(lab: LabThread) -> None:
    line = "node=pve1,id=ffff:0001"
    assert lab.ask(USB, "POST", params={"id": "dongle", "map": line}).status == 200
    (row,) = lab.get(USB, **{"check-node": "pve1"})
    assert "not found" in row["checks"][0]["message"]
    params = {"map": "node=pve1,id=1a86:7523"}
    assert lab.ask(f"{USB}/dongle", "PUT", params=params).status == 200
    (row,) = lab.get(USB, **{"check-node": "pve1"})
    assert row["checks"] == []
    assert lab.ask(f"{USB}/dongle", "DELETE").status == 200
    assert lab.get(USB) == []
