"""What the makers' tools said, as recorded, and rubbish."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.sources.gpu import amd, intel, nvidia
from labtui.sources.gpu.tools import TOOLS, allowed, owners_command, parse_owners
from labtui.sources.proxmox.hostpci import Unreadable

DATA = Path(__file__).parents[2] / "data"
MIB = 1 << 20


def out(name: str) -> str:
    recorded = json.loads((DATA / f"{name}.json").read_text())
    assert recorded["_source"]["repo"]
    return str(recorded["out"])


@pytest.mark.parametrize(
    ("name", "driver", "bus", "ids", "share", "used", "heat", "power", "limit"),
    [
        ("tesla-t4", "515.105.01", "0000:00:1e.0", "10de:1eb8", 0, 1032, 40, 26.78, 70),
        ("a10g", "515.105.01", "0000:00:1e.0", "", 0, 22, 17, 25.58, 300),
        ("rtx-3080-v12", "536.40", "0000:04:00.0", "10de:2216", 0, 1128, 31, 22.78, 336),
        ("rtx-4000-sff-ada-v13", "595.84", "0000:06:00.0", "10de:27b0", 0, 3534, 38, 8.44, 70),
        ("gtx-1070-ti", "", "0000:01:00.0", "", 0, 42, 39, None, None),
    ],
)
def test_cards_of_several_drivers(
    name: str,
    driver: str,
    bus: str,
    ids: str,
    share: float,
    used: int,
    heat: float,
    power: float | None,
    limit: float | None,
) -> None:
    told = nvidia.parse(out(f"nvidia/{name}"))
    (card,) = told.cards
    assert (told.driver, card.bus, card.ids) == (driver, bus, ids)
    assert card.utilisation == pytest.approx(share)
    assert card.memory_used == used * MIB
    assert (card.temperature, card.power, card.power_limit) == (heat, power, limit)
    assert not card.split
    assert card.uuid.startswith("GPU-")
    assert card.busy is False


def test_a_card_that_is_split_tells_no_utilisation_but_its_parts() -> None:
    (card,) = nvidia.parse(out("nvidia/a100-sxm4-v12")).cards
    assert (card.split, card.utilisation, card.busy) == (True, None, False)
    assert [part.name for part in card.parts] == ["3/0", "4/0", "5/0", "6/0"]
    assert {part.memory_total for part in card.parts} == {19968 * MIB}


def test_programs_and_who_only_draws() -> None:
    (card,) = nvidia.parse(out("nvidia/tesla-t4")).cards
    assert [(each.pid, each.kind, each.computes) for each in card.processes] == [
        (675, "G", False),
        (5762, "C", True),
    ]


SYNTHETIC = """<?xml version="1.0" ?>
<nvidia_smi_log><gpu id="00000000:01:00.0"><mig_mode><current_mig>Enabled</current_mig></mig_mode>
<utilization><gpu_util>{util}</gpu_util></utilization><processes><process_info>
<gpu_instance_id>3</gpu_instance_id><compute_instance_id>0</compute_instance_id><pid>7</pid>
<type>C</type><process_name>python</process_name><used_memory>1 GiB</used_memory>
</process_info></processes></gpu></nvidia_smi_log>"""


def test_a_split_card_with_a_program_works() -> None:
    """Synthetic: no recording with MIG and a program was found."""
    (card,) = nvidia.parse(SYNTHETIC.format(util="N/A")).cards
    assert card.busy is True
    assert (card.processes[0].part, card.processes[0].memory) == ("3/0", 1024 * MIB)


@pytest.mark.parametrize("text", ["", "<html/>", "No devices were found", "<nvidia_smi_log>"])
def test_what_is_no_document_of_nvidia(text: str) -> None:
    with pytest.raises(Unreadable):
        nvidia.parse(text)


def test_entities_are_not_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><nvidia_smi_log>&a;</nvidia_smi_log>'
    with pytest.raises(Unreadable):
        nvidia.parse(bomb)


@pytest.mark.parametrize(
    ("name", "cards", "bus", "ids", "power", "limit"),
    [
        ("mi100_rocm602", 4, "0000:83:00.0", "1002:738c", 36.0, 290.0),
        ("rx6700xt_rocm430", 1, "0000:07:00.0", "1002:73df", 6.0, 211.0),
        ("rx6700xt_rocm612", 1, "0000:07:00.0", "1002:73df", 6.0, 211.0),
        ("vega-20-WKS-GL-XE", 1, "0000:63:00.0", "1002:66a1", 26.0, 225.0),
    ],
)
def test_cards_of_amd(
    name: str, cards: int, bus: str, ids: str, power: float, limit: float
) -> None:
    told = amd.parse_rocm([out(f"amd/{name}")])
    first = told.cards[0]
    assert len(told.cards) == cards
    assert (first.bus, first.ids, first.power, first.power_limit) == (bus, ids, power, limit)
    assert first.utilisation == 0
    assert first.memory_total
    assert told.driver


def test_the_newer_tool_of_amd() -> None:
    """Synthetic, in the form of `amd-smi` 26 (values as value and unit, or N/A)."""
    static = [
        {"gpu": 0, "asic": {"market_name": "Instinct MI300X", "device_id": "0x74a1"},
         "bus": {"bdf": "0000:05:00.0"}, "driver": {"version": "6.14.0"}},
    ]  # fmt: skip
    metric = {"gpu_data": [
        {"gpu": 0, "usage": {"gfx_activity": {"value": 94, "unit": "%"}},
         "power": {"socket_power": {"value": 612, "unit": "W"}},
         "temperature": {"edge": "N/A", "hotspot": {"value": 71, "unit": "C"}},
         "mem_usage": {"used_vram": {"value": 17153, "unit": "MB"},
                       "total_vram": {"value": 196592, "unit": "MB"}}},
    ]}  # fmt: skip
    told = amd.parse_amd([json.dumps(static), "WARNING: x\n" + json.dumps(metric)])
    (card,) = told.cards
    assert (card.bus, card.ids, told.driver) == ("0000:05:00.0", "1002:74a1", "6.14.0")
    assert (card.utilisation, card.power, card.temperature) == (0.94, 612, 71)
    assert card.memory_used == 17153 * MIB


def test_the_tool_of_intel() -> None:
    """Synthetic, in the form of the guide of xpu-smi."""
    found = {"device_list": [{"device_id": 0, "device_name": "Intel(R) Data Center GPU Flex 170",
                              "pci_bdf_address": "0000:4d:00.0", "uuid": "u-1"}]}  # fmt: skip
    dump = (
        "Timestamp, DeviceId, GPU Utilization (%), GPU Power (W), GPU Core Temperature (Celsius"
        " Degree), GPU Memory Used (MiB)\n06:14:46.000,    0, 12.50, 43.61, N/A, 512\n"
    )
    (card,) = intel.parse([json.dumps(found), dump]).cards
    assert (card.bus, card.utilisation, card.power) == ("0000:4d:00.0", 0.125, 43.61)
    assert (card.temperature, card.memory_used) == (None, 512 * MIB)


@given(st.text(max_size=200), st.text(max_size=100))
def test_nothing_else_is_raised(one: str, two: str) -> None:
    texts: Sequence[str] = (one, two)
    for tools in TOOLS.values():
        for tool in tools:
            try:
                told = tool.parse(texts)
            except Unreadable as error:
                assert str(error).isprintable()
            else:
                assert repr(told).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("card0", "system", "gpu_data", "gpu", "bus", "bdf", "PCI Bus", "usage")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_no_document_breaks_a_parser(one: object, two: object) -> None:
    for parse in (amd.parse_rocm, amd.parse_amd, intel.parse):
        try:
            parse([json.dumps(one), json.dumps(two)])
        except Unreadable:
            continue


@given(st.from_regex(r"\A(N/A|[0-9]{1,3} %|-?[0-9.]{1,6} ?[A-Za-z%]{0,4}|[a-z ]{0,20})\Z"))
def test_any_value_where_a_number_is_expected(text: str) -> None:
    (card,) = nvidia.parse(SYNTHETIC.format(util=text)).cards
    assert card.utilisation is None or isinstance(card.utilisation, float)


def test_only_the_tools_own_commands_are_run() -> None:
    assert all(allowed(c) for tools in TOOLS.values() for tool in tools for c in tool.commands)
    assert allowed(owners_command([3, 1, 3]))
    assert owners_command([3, 1])[-1] == "1,3"
    refused = (
        ("sh", "-c", "id"),
        ("nvidia-smi", "-r"),
        ("nvidia-smi", "-q", "-x", "-pm", "1"),
        ("ps", "-o", "pid=,user=", "-p", "1;id"),
    )
    assert not any(allowed(command) for command in refused)


def test_owners_of_programs() -> None:
    assert parse_owners("  675 root\n 5762 amy\nrubbish\n") == {675: "root", 5762: "amy"}
