"""`make bench`: all sections, or those named: `make bench ARGS="start keys"`."""

from __future__ import annotations

import importlib
import sys

from benchmarks.table import markdown

SECTIONS = {
    "start": "Start",
    "keys": "Key to paint",
    "paint": "Bytes to the terminal",
    "load": "Idle",
    "traffic": "Requests",
    "leave": "Quit",
    "evacuation": "Planning to empty a node",
    "deadnode": "Somebody is dead",
    "triage": "A look at the findings",
}
# These take long and are asked for by name; `make chaos` and `make soak` give them options.
LONG = {"soak": "Soak"}


def main() -> int:
    """Print a table per section."""
    wanted = sys.argv[1:] or list(SECTIONS)
    sections = SECTIONS | LONG
    if unknown := set(wanted) - set(sections):
        sys.stderr.write(f"no section {' '.join(sorted(unknown))}: {' '.join(sections)}\n")
        return 2
    for name in wanted:
        module = importlib.import_module(f"benchmarks.{name}")
        print(markdown(sections[name], module.measure()), flush=True)
    return 0


raise SystemExit(main())
