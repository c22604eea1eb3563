"""`python -m tests.netbox_real load|figures URL TOKEN_FILE [GUESTS]`, against an empty NetBox.

`load` writes the demo's lab into it, `figures` (which changes a comment, and gives addresses to
interfaces without one) measures what reading it costs. Never against one that is in use.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from labtui.demo.standard_lab import default_lab
from tests.netbox_real.figures import compared, give_addresses, held_by_reading, measured
from tests.netbox_real.loading import Loader
from tests.netbox_real.untruths import Records


def main() -> int:
    """Do it; the exit status."""
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("load", "figures"):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    _program, verb, url, token_file, *more = sys.argv
    token = Path(token_file).read_text("utf-8").strip()
    lab = default_lab(int(more[0])) if more else default_lab()
    if verb == "load":
        for label, count in Loader(url, token, lab).load().items():
            sys.stdout.write(f"{count:6} {label}\n")
        return 0
    records = Records(url, token)
    sys.stdout.write(f"{give_addresses(records)} addresses were given\n")
    rows, found = asyncio.run(measured(url, token, lab, records))
    for name, count, size, took in rows:
        sys.stdout.write(f"{name}: {count} requests, {size:.0f} KiB, {took:.2f} s\n")
    kept = asyncio.run(held_by_reading(url, token))
    guests, processor, held = compared(lab, found)
    sys.stdout.write(f"the records: {kept:.1f} MiB, {len(found.addresses)} addresses\n")
    text = f"drift of {guests} guests: {processor * 1000:.0f} ms of processor time"
    sys.stdout.write(f"{text}, {held:.1f} MiB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
