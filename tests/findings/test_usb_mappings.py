"""USB mappings that fit no more: told where anybody may look, and not where nobody may."""

from __future__ import annotations

import pytest

from labtui.model.cluster import Resources
from labtui.model.devices import Hardware, UsbDevice, UsbMapping
from labtui.model.snapshot import Snapshot
from tests.findings.labs import rules_of, watched
from tests.snapshots import NOW, configs, membership, node, snapshot

SERIAL = UsbDevice("pve1", "1-1.2", "1a86:7523", "USB Serial")


def lab(entry: tuple[str, str, str], *plugged: UsbDevice, told: bool = True) -> Snapshot:
    usb = {"pve1": plugged} if told else {}
    hardware = Hardware({"pve1": ()}, usb_mappings=(UsbMapping("serial", (entry,)),), usb=usb)
    return snapshot(
        ("lab", Resources((node("pve1"),))),
        ("lab", membership(pve1=True)),
        ("lab", hardware),
        ("lab", configs()),
    )


@pytest.mark.parametrize(
    ("shot", "text"),
    [
        (lab(("pve1", "1a86:7523", "1-9"), SERIAL), "1-9 is not plugged in there"),
        (lab(("pve1", "dead:beef", ""), SERIAL), "dead:beef is not plugged in there"),
        (
            lab(("pve1", "dead:beef", "1-1.2"), SERIAL),
            "its id is dead:beef; the device's is 1a86:7523",
        ),
    ],
)
def test_what_fits_no_more_is_told(shot: Snapshot, text: str) -> None:
    seen = watched((NOW, shot), (NOW + 60, shot))
    (found,) = [each for each in seen.findings if each.rule == "mapping-broken"]
    assert text in [evidence.text.say() for evidence in found.evidence]
    assert found.remedies[0].key == "lab/usb:serial"


@pytest.mark.parametrize(
    "shot",
    [
        lab(("pve1", "1a86:7523", "1-1.2"), SERIAL),
        lab(("pve1", "1a86:7523", ""), SERIAL),
        lab(("pve1", "dead:beef", "1-1.2"), told=False),
        lab(("pve2", "dead:beef", "1-1.2"), SERIAL),
    ],
)
def test_what_fits_or_was_not_looked_at_is_not(shot: Snapshot) -> None:
    assert "mapping-broken" not in rules_of(watched((NOW, shot), (NOW + 60, shot)))
