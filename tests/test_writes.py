"""No path to a write but through the gate: who may call what writes, found in the sources."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import labtui
from labtui.live.wire import LiveWire
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.routeros.source import RouterSource

PACKAGE = Path(labtui.__file__).parent
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "demo" not in path.parts]
# What a source offers without changing anything. All else is a write, and has to be named below.
READS = {
    ProxmoxSource: {"name", "feeds", "close", "get", "task_status", "task_log", "probe", "ticket"},
    RouterSource: {"name", "feeds", "close", "probe"},
    NetboxSource: {"name", "feeds", "close", "probe"},
}
WRITES = {ProxmoxSource: {"call"}, RouterSource: {"call"}, NetboxSource: set[str]()}


def calls(path: Path, name: str) -> Iterator[str]:
    """What stands before `.name(` in a file."""
    for part in ast.walk(ast.parse(path.read_text())):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr != name:
                continue
            yield ast.unparse(part.func.value)


def callers(name: str) -> set[tuple[str, str]]:
    """(file, receiver) of every call of a method of that name."""
    return {
        (str(path.relative_to(PACKAGE)), receiver)
        for path in FILES
        for receiver in calls(path, name)
    }


def test_every_method_of_a_source_is_known_for_a_read_or_a_write() -> None:
    for source, reads in READS.items():
        public = {name for name, _value in inspect.getmembers(source) if not name.startswith("_")}
        assert public - reads == WRITES[source], source


def test_only_the_wire_calls_what_writes() -> None:
    """Actions and jobs hold a `Wire`; what that is in a console is `LiveWire`."""
    others = {
        (path, receiver)
        for path, receiver in callers("call")
        if not (
            receiver in ("wire", "self.wire", "self._wire")
            and path.startswith(("actions/", "live/"))
        )
    }
    assert others == {("live/wire.py", "self._cluster(call.source)")}


def test_the_wire_writes_in_one_place_behind_the_gate() -> None:
    source = inspect.getsource(LiveWire)
    assert source.count(".call(") == 1
    assert source.count("self._logged(") == 1
    gate = inspect.getsource(LiveWire.call)
    asked, raised, sent = (
        gate.index(word) for word in ("await self._gate.look()", "raise Rejected", "self._logged(")
    )
    assert asked < raised < sent


def test_nothing_else_reaches_the_writes_below_a_source() -> None:
    below = {caller for caller in callers("write") if caller[0].startswith("sources/proxmox")}
    assert below == {
        ("sources/proxmox/source.py", "self._endpoints"),
        ("sources/proxmox/connect.py", "client"),
    }
    outside = {
        caller
        for caller in callers("write")
        if caller[1] in ("self._endpoints", "client") and not caller[0].startswith("sources/")
    }
    assert outside == set()


def test_netbox_is_only_read() -> None:
    for verb in ("post", "put", "delete", "patch", "create", "update", "save"):
        found = {caller for caller in callers(verb) if caller[0].startswith("sources/netbox")}
        assert found == set(), verb


def test_a_router_is_told_to_change_something_through_its_call_alone() -> None:
    """`changes=` marks a command that may; reading passes none."""
    marked = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.Call) and any(word.arg == "changes" for word in part.keywords)
    }
    # The wire hands the mark on to itself.
    assert marked == {"sources/routeros/source.py", "sources/routeros/wire.py"}
    verbs = ("/add", "/set", "/remove", "/enable", "/disable", "/reset", "/reboot", "/run")
    literal = {
        part.value
        for path in FILES
        if "routeros" in path.parts
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        if part.value.startswith("/") and part.value.endswith(verbs)
    }
    assert literal == set()
