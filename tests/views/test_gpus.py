"""What is said of cards, of what they do, of all devices, and of mappings."""

from __future__ import annotations

import msgspec
import pytest

from labtui.model.cluster import Resources
from labtui.model.devices import Check, UsbDevice
from labtui.model.errors import Rejected
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardPart, CardUse, CardUses, Idle, UseProcess, UseReport
from labtui.views.card_words import vendor_text
from labtui.views.devices import DEVICES
from labtui.views.gpus import GPUS
from labtui.views.mappings import MAPPINGS
from tests.snapshots import (
    NOW,
    Hardware,
    HostPci,
    MappingEntry,
    PciMapping,
    config,
    configs,
    gpu,
    guest,
    membership,
    node,
    snapshot,
)

USED = CardUse(
    "0000:00:10.0", "NVIDIA GeForce RTX 4090", "GPU-1", "10de:2684", 0.42, 8 << 30, 24 << 30,
    61.0, 300.0, 450.0, (UseProcess(7, "python", 4 << 30, "C", "", "amy"),), True,
    (CardPart("3/0", 1 << 30, 2 << 30),),
)  # fmt: skip
REPORT = UseReport("pve1", 104, "agent", NOW - 9, NOW - 9, (USED,), "nvidia-smi", "570.1")


def lab(use: CardUses | None, status: str = "running") -> Snapshot:
    entry = MappingEntry("pve1", ("0000:02:00.0",), "10de:ffff")
    hardware = Hardware(
        {"pve1": (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2))},
        (PciMapping("big", (entry,)),),
        usb={"pve1": (UsbDevice("pve1", "1-2", "1a86:7523", "serial"),)},
        checks={"big/pve1": (Check("error", "Invalid configuration: 'id' does not match"),)},
    )
    parts = [
        ("lab", Resources((node("pve1"),), (guest(104, status=status),))),
        ("lab", membership(pve1=True)),
        ("lab", hardware),
        ("lab", configs(config(104, HostPci(0, ("0000:01:00",))))),
    ]
    return snapshot(*parts, *([("lab", use)] if use is not None else []))  # type: ignore[arg-type]


def uses(report: UseReport = REPORT, since: float | None = None) -> CardUses:
    return CardUses({"guest/104": report}, {"GPU-1": Idle(since, NOW - 9)})


def cell(made: Snapshot, column: str) -> str:
    row = next(r for r in GPUS.rows(made, NOW) if r.card.device.slot == "0000:01:00")
    return GPUS.column(column).cell(row, NOW).text


def told(made: Snapshot) -> str:
    row = next(r for r in GPUS.rows(made, NOW) if r.card.device.slot == "0000:01:00")
    sections = GPUS.details(row, made, NOW)
    return "\n".join(f"{s.title} {label} {text.text}" for s in sections for label, text in s.lines)


def test_what_a_card_does() -> None:
    made = lab(uses())
    assert "42%" in cell(made, "use")
    assert (cell(made, "memory"), cell(made, "heat"), cell(made, "power")) == (
        "8.0G / 24G",
        "61°C",
        "300W",
    )
    text = told(made)
    for words in ("by its place", "amy  python", "MIG 3/0", "nvidia-smi 570.1, agent", "9s ago"):
        assert words in text


def test_a_card_that_rests() -> None:
    assert cell(lab(uses(since=NOW - 3 * 86400)), "use") == "idle 3d"
    assert cell(lab(uses(since=NOW - 3 * 86400)), "idle") == "3d"
    # A pause between two pieces of work is none.
    assert "42%" in cell(lab(uses(since=NOW - 60)), "use")


def test_why_nobody_knows_what_it_does() -> None:
    problem = Rejected("asking", why="QEMU guest agent is not running").problem
    failed = msgspec.structs.replace(REPORT, at=None, cards=(), problem=problem)
    assert "QEMU guest agent is not running" in told(lab(uses(failed)))
    assert "is off: the card does nothing" in told(lab(CardUses(), status="stopped"))
    assert "not asked yet" in told(lab(CardUses()))
    assert "read-only" in told(lab(CardUses(problem=Rejected("x", why="read-only").problem)))
    assert "Use" not in told(lab(None))
    assert cell(lab(None), "use") == ""


def test_all_devices_with_what_is_plugged_in() -> None:
    made = lab(None)
    rows = {row.address: row for row in DEVICES.rows(made, NOW)}
    assert set(rows) == {"01:00.0", "02:00.0", "1-2"}
    assert rows["02:00.0"].mappings == "big"
    assert DEVICES.column("state").cell(rows["1-2"], NOW).text == "free"
    assert DEVICES.summary(list(rows.values()), NOW).text == "3 devices, 1 given"


def test_a_mapping_that_is_broken_says_why() -> None:
    made = lab(None)
    (row,) = MAPPINGS.rows(made, NOW)
    assert MAPPINGS.column("state").cell(row, NOW).text == "BROKEN"
    sections = MAPPINGS.details(row, made, NOW)
    said = [text.text for s in sections if s.title == "What the nodes say" for _l, text in s.lines]
    assert said == ["Invalid configuration: 'id' does not match"]


@pytest.mark.parametrize(
    ("vendor", "short"),
    [("NVIDIA Corporation", "NVIDIA"), ("Advanced Micro Devices, Inc. [AMD/ATI]", "AMD/ATI")],
)
def test_makers(vendor: str, short: str) -> None:
    assert vendor_text(vendor) == short


def test_whether_a_guest_runs_on_a_node_that_is_away_is_not_said() -> None:
    def given(there: bool, status: str) -> str:
        parts = [
            Resources((node("pve1"),), (guest(104, name="sim", status=status),)),
            membership(pve1=there, pve2=True, pve3=True),
            Hardware({"pve1": (gpu("pve1", "0000:01:00", 1),)}, ()),
            configs(config(104, HostPci(0, ("0000:01:00",)))),
        ]
        seen = snapshot(*(("lab", part) for part in parts))  # type: ignore[arg-type]
        (row,) = GPUS.rows(seen, NOW)
        return GPUS.column("claims").cell(row, NOW).text

    assert given(there=True, status="running") == "104 sim"
    assert given(there=True, status="stopped") == "104 sim off"
    assert given(there=False, status="running") == "104 sim"
