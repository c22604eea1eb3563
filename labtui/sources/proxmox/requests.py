"""`GET /cluster/options` -> `Requests`: who wants which cards, from the notes of the datacenter.

Without Sys.Audit on / the answer has only how tags look (recorded), so the requests are not known.
"""

from __future__ import annotations

from labtui.locale import _
from labtui.model.leases import Requests, requests_in
from labtui.model.text import clean
from labtui.sources.proxmox.decode import plain
from labtui.sources.proxmox.errors import Question, unexpected

_MOST = 65_536


def read_requests(body: bytes, question: Question) -> tuple[Requests, tuple[str, ...]]:
    """The requests, and lines that were meant to be some. Raises `Unexpected`."""
    data = plain(body, question)
    if not isinstance(data, dict):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    notes = data.get("description")
    if notes is None and "mac_prefix" not in data and "migration" not in data:
        # What every account may see has neither; nobody can say whether there are notes.
        known = not set(data) <= {"tag-style", "allowed-tags"}
        return Requests(known=known), ()
    lines = str(notes or "")[:_MOST].splitlines()
    entries, broken = requests_in("\n".join(clean(line) for line in lines))
    text = _("request of cards not understood: {line}")
    return Requests(entries, broken), tuple(text.format(line=each.line) for each in broken)
