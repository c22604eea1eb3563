"""Every answer that any test of the demo's Proxmox gets, against the official description."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache

from tests.demo.schema_check import faults, schema

QEMU, LXC, NODE = "/nodes/{node}/qemu/{vmid}", "/nodes/{node}/lxc/{vmid}", "/nodes/{node}"

# The description promises more than real servers of that version send.
INCOMPLETE = {
    "/access/users",  # recorded: `tokens` is null where there are none
    f"{NODE}/replication/{{id}}/schedule_now",  # a text is described; not recorded
    "/cluster/backup/{id}",  # `schema` says object with all fields; recorded without most
    "/cluster/mapping/pci",  # recorded answers lack `error` and `description` too
    f"{QEMU}/pending",
    f"{LXC}/pending",
    f"{QEMU}/firewall/rules",
    f"{NODE}/subscription",  # recorded: `serverid` is null without a key
}
# What real answers break of their own description.
KNOWN = {f"{NODE}/network": {"data.comments string"}}  # recorded: null where a VNet has no alias


def kinds(found: list[str]) -> set[str]:
    return {re.sub(r"\[\d+\]|: .* is no", "", fault) for fault in found}


def check_answer(version: str, verb: str, path: str, body: bytes) -> None:
    """Fail when a good answer is not what the description of that version says."""
    template = template_of(version, verb, path.partition("?")[0])
    if not template or template in INCOMPLETE:
        return
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    promised = schema(version)[template][verb].get("returns")
    found = kinds(faults(promised, json.loads(body).get("data"))) - KNOWN.get(template, set())
    assert found == set(), (verb, path)


@cache
def _patterns(version: str, verb: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The fixed parts of a path go before its variables."""
    known = [path for path, methods in schema(version).items() if verb in methods]
    return tuple(
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path)
        for path in sorted(known, key=lambda path: path.count("{"))
    )


def template_of(version: str, verb: str, path: str) -> str:
    """The described path that a path is one of; empty for none."""
    found = (name for pattern, name in _patterns(version, verb) if pattern.fullmatch(path))
    return next(found, "")
