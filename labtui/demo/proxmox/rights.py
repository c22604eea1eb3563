"""What a caller may do on a path: rules from the root down, pools, and privilege separation.

The last level with a rule for the caller replaces what came from above; `/vms/ID` also gets the
privileges of the guest's pool. Values are 1 when they reach further down, 0 when they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labtui.demo.proxmox.contract import Contract
from labtui.demo.proxmox.errors import forbidden
from labtui.demo.proxmox.identities import Accounts, Identity

Privileges = dict[str, int]


class Rights:
    """Answers which privileges somebody has; `pool_of` gives the pool of a vmid or None."""

    def __init__(
        self, accounts: Accounts, contract: Contract, pool_of: Callable[[int], str | None]
    ) -> None:
        self._accounts = accounts
        self._contract = contract
        self._all: frozenset[str] = frozenset().union(*contract.roles.values())
        self._pool_of = pool_of
        self._read()

    def _read(self) -> None:
        self._revision = self._accounts.changes.revision
        self._roles = self._contract.roles | self._accounts.extra_roles
        self._rules: dict[str, dict[str, list[tuple[str, bool]]]] = {}
        for rule in self._accounts.all_rules():
            levels = self._rules.setdefault(rule.who, {})
            levels.setdefault(rule.path, []).append((rule.role, rule.propagate))

    def privileges(self, who: Identity, path: str) -> Privileges:
        """All privileges on a path."""
        if who.superuser:
            return dict.fromkeys(self._all, 1)
        if self._revision != self._accounts.changes.revision:
            self._read()
        user = self._with_pool(who.userid, path)
        if not (who.token and who.privsep):
            return user
        own = self._with_pool(who.owner, path)
        return {name: min(own[name], user[name]) for name in own.keys() & user.keys()}

    def has(self, who: Identity, path: str, privilege: str) -> bool:
        """Whether the caller has that privilege there."""
        return who.superuser or privilege in self.privileges(who, path)

    def has_any(self, who: Identity, path: str, privileges: tuple[str, ...]) -> bool:
        """Whether the caller has one of them there."""
        return who.superuser or bool(self.privileges(who, path).keys() & set(privileges))

    def sees_all_guests(self, who: Identity) -> bool:
        """Whether VM.Audit reaches every guest without a rule in between."""
        if who.superuser:
            return True
        names = {who.userid, who.owner}
        special = any(
            path.startswith(("/vms/", "/pool"))
            for name in names
            for path in self._rules.get(name, {})
        )
        return not special and self.privileges(who, "/vms").get("VM.Audit") == 1

    def need(self, who: Identity, path: str, privileges: list[str], *, any_of: bool) -> None:
        """Raise 403 unless the caller has them."""
        if who.superuser:
            return
        held = self.privileges(who, path)
        if any_of:
            if not held.keys() & set(privileges):
                raise forbidden(f"{path}, {'|'.join(privileges)}")
            return
        for name in privileges:
            if name not in held:
                raise forbidden(f"{path}, {name}")

    def check(self, who: Identity, rule: list[Any], values: dict[str, str]) -> None:
        """Evaluate the `check` of a method's description; raises 403."""
        kind = rule[0]
        if kind == "and":
            for part in rule[1:]:
                self.check(who, part, values)
        elif kind == "or":
            if not any(self._passes(who, part, values) for part in rule[1:]):
                raise forbidden("")
        elif kind == "perm":
            if "require_param" in rule[3:] and rule[rule.index("require_param") + 1] not in values:
                raise forbidden("")
            path = _filled(rule[1], values)
            self.need(who, path, rule[2], any_of="any" in rule[3:])
        elif kind == "perm-modify":
            self._check_modify(who, _filled(rule[1], values))
        elif kind == "userid-param":
            self._check_userid(who, str(values.get("userid", "")), rule[1])
        elif kind == "userid-group":
            self._check_group(who, rule, values)

    def _check_modify(self, who: Identity, path: str) -> None:
        """Who may change the rules of a path; storages, guests and pools have managers too."""
        wanted = ["Permissions.Modify"]
        for start, more in (
            ("/storage/", "Datastore.Allocate"),
            ("/vms/", "VM.Allocate"),
            ("/pool/", "Pool.Allocate"),
        ):
            if path.startswith(start):
                wanted.append(more)
        self.need(who, path, wanted, any_of=True)

    def _check_userid(self, who: Identity, userid: str, wanted: str) -> None:
        if wanted == "self":
            if userid != who.userid:
                raise forbidden("")
            return
        realm = userid.rpartition("@")[2]
        self.need(who, f"/access/realm/{realm}", [wanted], any_of=False)

    def _check_group(self, who: Identity, rule: list[Any], values: dict[str, str]) -> None:
        paths = ["/access/groups"]
        if "groups_param" in rule:
            named = [name for name in str(values.get("groups", "")).split(",") if name]
            if "create" in rule and named:
                paths = [f"/access/groups/{name}" for name in named]
        if "create" not in rule:
            own = self._accounts.groups_of(str(values.get("userid", "")))
            if any(self.has_any(who, f"/access/groups/{n}", tuple(rule[1])) for n in own):
                return
        for path in paths:
            self.need(who, path, list(rule[1]), any_of=True)

    def known_paths(self, who: Identity, pools: dict[str, list[int]]) -> list[str]:
        """Paths worth listing for GET /access/permissions."""
        paths = {"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"}
        paths |= {rule.path for rule in self._accounts.all_rules()}
        for pool, members in pools.items():
            paths.add(f"/pool/{pool}")
            paths |= {f"/vms/{vmid}" for vmid in members}
        return sorted(paths)

    def _passes(self, who: Identity, rule: list[Any], values: dict[str, str]) -> bool:
        try:
            self.check(who, rule, values)
        except Exception as error:
            if getattr(error, "status", None) == 403:
                return False
            raise
        return True

    def _with_pool(self, name: str, path: str) -> Privileges:
        held = self._walk(name, path)
        if path.startswith("/vms/") and path[5:].isdigit():
            pool = self._pool_of(int(path[5:]))
            if pool is not None:
                for privilege in self._walk(name, f"/pool/{pool}"):
                    held.setdefault(privilege, 0)
        return held

    def _walk(self, name: str, path: str) -> Privileges:
        groups = [f"@{group}" for group in self._accounts.groups_of(name)]
        own = [self._rules[who] for who in (name,) if who in self._rules]
        shared = [self._rules[who] for who in groups if who in self._rules]
        if not (own or shared) or not path:
            return {}
        parts = path.strip("/").split("/") if path != "/" else []
        levels = ["/", *("/" + "/".join(parts[: end + 1]) for end in range(len(parts)))]
        held: Privileges = {}
        for level in levels:
            # Rules of the user count before those of the user's groups on the same level.
            found = _at(own, level, path) or _at(shared, level, path)
            if found:
                held = {
                    privilege: int(spread)
                    for role, spread in found
                    for privilege in self._roles.get(role, frozenset())
                }
        return held


def _at(
    books: list[dict[str, list[tuple[str, bool]]]], level: str, path: str
) -> list[tuple[str, bool]]:
    return [
        (role, spread)
        for book in books
        for role, spread in book.get(level, [])
        if spread or level == path
    ]


def _filled(template: str, values: dict[str, str]) -> str:
    """The path of a rule with the parameters of the call in it; empty for a strange one."""
    path = template
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path if _clean(path) else ""


def _clean(path: str) -> bool:
    return all(character.isalnum() or character in "/-_.:@" for character in path)
