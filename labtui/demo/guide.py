"""The tables of docs/demo.md, made from the registers: `make guide` writes them anew."""

from __future__ import annotations

import sys
from pathlib import Path

from labtui.demo.faults import FAULTS, saying
from labtui.demo.scenarios import SCENARIOS, scenario_named

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "demo.md"


def fault_table() -> str:
    """Every fault with its layer, what it says and its options."""
    lines = ["| fault | layer | what it does | options |", "|---|---|---|---|"]
    for fault in FAULTS:
        options = ", ".join(f"`{name}={value}`" for name, value in fault.options.items())
        lines.append(f"| `{fault.name}` | {fault.layer} | {saying(fault)} | {options} |")
    return "\n".join(lines)


def scenario_table() -> str:
    """Every scenario with its title."""
    lines = ["| scenario | what has happened |", "|---|---|"]
    lines += [f"| `{name}` | {scenario_named(name).title} |" for name in SCENARIOS]
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """The guide with its tables as they should be. ValueError when a mark is missing."""
    for name, table in (("scenarios", scenario_table()), ("faults", fault_table())):
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        head, found, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"the guide lacks {begin} or {end}")
        text = f"{head}{begin}\n{table}\n{end}{tail}"
    return text


def main() -> int:
    """Write the tables into the guide."""
    GUIDE.write_text(with_tables(GUIDE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{GUIDE.name}: {len(SCENARIOS)} scenarios, {len(FAULTS)} faults\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
