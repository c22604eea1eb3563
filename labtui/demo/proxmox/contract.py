"""The methods that the demo serves, as the official API description has them.

Parameters, privileges and the flags of forwarding come from the description itself
(`methods-*.json`, one file per release), so the server refuses what the real one refuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """One method of one path template."""

    verb: str
    template: str
    parameters: Schema
    permissions: Schema
    protected: bool
    proxied: bool
    token_allowed: bool


@dataclass(frozen=True)
class Contract:
    """All methods of a release, found by path, and its built-in roles."""

    release: str
    roles: dict[str, frozenset[str]]
    methods: dict[tuple[str, str], Method]
    tree: dict[str, Any]

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method for a path, and the values in it; None when there is no such method."""
        values: dict[str, str] = {}
        branch = self.tree
        parts = path.strip("/").split("/")
        for index, part in enumerate(parts):
            if "{volume}" in branch and part:
                # A volume has slashes in its name: it is all that is left.
                values["volume"] = "/".join(parts[index:])
                branch = branch["{volume}"]
                break
            if part in branch:
                branch = branch[part]
                continue
            name = next((key for key in branch if key.startswith("{")), None)
            if name is None or not part:
                return None
            values[name[1:-1]] = part
            branch = branch[name]
        template = branch.get("")
        method = self.methods.get((verb, template)) if isinstance(template, str) else None
        return None if method is None else (method, values)


@lru_cache(maxsize=2)
def load_contract(release: str) -> Contract:
    """The contract of release `9.2` or `8.4`."""
    text = files(__package__).joinpath(f"methods-{release}.json").read_text("utf-8")
    document = json.loads(text)
    methods: dict[tuple[str, str], Method] = {}
    tree: dict[str, Any] = {}
    for template, verbs in document["paths"].items():
        branch = tree
        for part in template.strip("/").split("/"):
            branch = branch.setdefault(part, {})
        branch[""] = template
        for verb, entry in verbs.items():
            methods[verb, template] = Method(
                verb,
                template,
                entry.get("parameters") or {},
                entry.get("permissions") or {},
                bool(entry.get("protected")),
                entry.get("proxyto") == "node",
                bool(entry.get("allowtoken", 1)),
            )
    roles = {name: frozenset(privileges) for name, privileges in document["roles"].items()}
    return Contract(release, roles, methods, tree)
