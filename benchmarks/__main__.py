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
}


def main() -> int:
    """Print a table per section."""
    wanted = sys.argv[1:] or list(SECTIONS)
    if unknown := set(wanted) - set(SECTIONS):
        sys.stderr.write(f"no section {' '.join(sorted(unknown))}: {' '.join(SECTIONS)}\n")
        return 2
    for name in wanted:
        module = importlib.import_module(f"benchmarks.{name}")
        print(markdown(SECTIONS[name], module.measure()), flush=True)
    return 0


raise SystemExit(main())
