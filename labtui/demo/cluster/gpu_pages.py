"""The table and the XML document of `nvidia-smi`."""

from __future__ import annotations

import time
from xml.sax.saxutils import escape

from labtui.demo.cluster.gpu_cards import CUDA, DRIVER, GpuUse


def table(now: float, cards: list[GpuUse]) -> str:
    """What `nvidia-smi` without arguments prints; `now` in epoch seconds."""
    bar = f"+{'-' * 89}+"
    middle = f"|{'-' * 41}+{'-' * 24}+{'-' * 22}|"
    driver, version = f"Driver Version: {DRIVER}", f"CUDA Version: {CUDA}"
    title = f"| NVIDIA-SMI {DRIVER:<23}{driver:<32}{version:<21}|"
    lines = [time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(now)), bar, title, middle]
    lines += [
        f"| {'GPU  Name':<39} | {'Bus-Id':<22} | {'GPU-Util':<20} |",
        f"| {'Fan  Temp   Perf   Pwr:Usage/Cap':<39} | {'Memory-Usage':>22} | {'':<20} |",
        middle.replace("-", "="),
    ]
    for card in cards:
        fan = f"{fan_speed(card)}%" if card.model.fan else "N/A"
        mode = "P0" if card.utilisation else "P8"
        watts = f"{card.power:.0f}W / {card.model.power:.0f}W"
        memory = f"{card.memory_used}MiB / {card.model.memory}MiB"
        lines += [
            f"| {card.index:>3}  {card.model.name:<34} | {card.bus_id:<22} | {'':<20} |",
            f"| {fan:>4} {card.temperature:>4}C {mode:>6} {watts:>20}  | {memory:>22} |"
            f" {card.utilisation:>7}%{'':<12} |",
            middle,
        ]
    lines += ["", bar, f"| {'Processes:':<87} |", bar.replace("-", "=")]
    rows = [(card.index, process) for card in cards for process in card.processes]
    for index, process in rows:
        memory = f"{process.memory}MiB"
        lines.append(f"| {index:>4} {process.pid:>12} {'C':>6}   {process.name:<48}{memory:>11} |")
    if not rows:
        lines.append(f"| {'No running processes found':<87} |")
    return "\n".join([*lines, bar]) + "\n"


def document(now: float, cards: list[GpuUse]) -> str:
    """The XML of `nvidia-smi -q -x`; `now` in epoch seconds."""
    stamp = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(now))
    lines = [
        '<?xml version="1.0" ?>',
        '<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">',
        "<nvidia_smi_log>",
        f"\t<timestamp>{stamp}</timestamp>",
        f"\t<driver_version>{DRIVER}</driver_version>",
        f"\t<cuda_version>{CUDA}</cuda_version>",
        f"\t<attached_gpus>{len(cards)}</attached_gpus>",
    ]
    for card in cards:
        lines += _card(card)
    return "\n".join([*lines, "</nvidia_smi_log>"]) + "\n"


def _card(card: GpuUse) -> list[str]:
    model = card.model
    fan = f"{fan_speed(card)} %" if model.fan else "N/A"
    lines = [
        f'\t<gpu id="{card.bus_id}">',
        f"\t\t<product_name>{escape(model.name)}</product_name>",
        f"\t\t<serial>{card.serial}</serial>",
        f"\t\t<uuid>{card.uuid}</uuid>",
        f"\t\t<pci>\n\t\t\t<pci_bus_id>{card.bus_id}</pci_bus_id>"
        f"\n\t\t\t<pci_device_id>{card.device_id}</pci_device_id>\n\t\t</pci>",
        f"\t\t<fan_speed>{fan}</fan_speed>",
        f"\t\t<performance_state>{'P0' if card.utilisation else 'P8'}</performance_state>",
        "\t\t<fb_memory_usage>",
        f"\t\t\t<total>{model.memory} MiB</total>",
        f"\t\t\t<used>{card.memory_used} MiB</used>",
        f"\t\t\t<free>{model.memory - card.memory_used} MiB</free>",
        "\t\t</fb_memory_usage>",
        "\t\t<utilization>",
        f"\t\t\t<gpu_util>{card.utilisation} %</gpu_util>",
        f"\t\t\t<memory_util>{card.memory_utilisation} %</memory_util>",
        "\t\t</utilization>",
        f"\t\t<temperature>\n\t\t\t<gpu_temp>{card.temperature} C</gpu_temp>\n\t\t</temperature>",
        "\t\t<gpu_power_readings>",
        f"\t\t\t<power_draw>{card.power:.2f} W</power_draw>",
        f"\t\t\t<current_power_limit>{model.power:.2f} W</current_power_limit>",
        "\t\t</gpu_power_readings>",
        "\t\t<processes>",
    ]
    for process in card.processes:
        lines += [
            "\t\t\t<process_info>",
            f"\t\t\t\t<pid>{process.pid}</pid>",
            "\t\t\t\t<type>C</type>",
            f"\t\t\t\t<process_name>{escape(process.name)}</process_name>",
            f"\t\t\t\t<used_memory>{process.memory} MiB</used_memory>",
            "\t\t\t</process_info>",
        ]
    return [*lines, "\t\t</processes>", "\t</gpu>"]


def fan_speed(card: GpuUse) -> int:
    """Per cent of the fan."""
    return max(0, min(100, (card.temperature - 35) * 2))
