"""The methods of high availability, replication, backup jobs, certificates and storages.

They stand in files of their own beside those of the other methods (`methods-cluster-*.json`).
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from typing import Any

from labtui.demo.proxmox.contract import Contract, Method, load_contract


@lru_cache(maxsize=2)
def full_contract(release: str) -> Contract:
    """All methods of release `9.2` or `8.4`; a method that is described twice counts once."""
    base = load_contract(release)
    text = files(__package__).joinpath(f"methods-cluster-{release}.json").read_text("utf-8")
    methods, tree = dict(base.methods), deepcopy(base.tree)
    for template, verbs in json.loads(text)["paths"].items():
        branch = tree
        for part in template.strip("/").split("/"):
            branch = branch.setdefault(part, {})
        branch[""] = template
        for verb, entry in verbs.items():
            methods.setdefault((verb, template), _method(verb, template, entry))
    return Contract(base.release, base.roles, methods, tree)


def _method(verb: str, template: str, entry: dict[str, Any]) -> Method:
    return Method(
        verb,
        template,
        entry.get("parameters") or {},
        entry.get("permissions") or {},
        bool(entry.get("protected")),
        entry.get("proxyto") == "node",
        bool(entry.get("allowtoken", 1)),
    )
