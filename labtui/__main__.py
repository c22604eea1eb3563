"""`python -m labtui`."""

from labtui.cli.entry import run

run()
