"""No path to a write but through the gate: who may call what writes, found in the sources."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path

import labtui
from labtui.live.entry.entry import Entry
from labtui.live.wire import LiveWire
from labtui.sources.gpu.tools import TOOLS
from labtui.sources.gpu.ways import AgentAsker, ShellAsker
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.routeros.source import RouterSource

PACKAGE = Path(labtui.__file__).parent
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "demo" not in path.parts]
# What a source offers without changing anything. All else is a write, and has to be named below.
READS = {
    ProxmoxSource: {
        *(
            "name",
            "feeds",
            "close",
            "get",
            "task_status",
            "task_log",
            "probe",
            "ticket",
            "ask_config",
        ),
        # Where a shell is; what is run there is a call.
        "shell",
    },
    RouterSource: {
        "name",
        "feeds",
        "close",
        "probe",
        "look_up",
        "check_route",
        "neighbours",
        "get",
        "ping",
        "against_writing",
        "log_in_anew",
    },
    NetboxSource: {"name", "feeds", "close", "probe", "get"},
}
WRITES = {
    ProxmoxSource: {"console", "call"},
    RouterSource: {"call"},
    NetboxSource: {"call", "journal"},
}


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file; each is looked at many times."""
    return ast.parse(path.read_text())


@cache
def _every_call() -> dict[str, set[tuple[str, str]]]:
    """(file, what stands before) of every `.name(`, by the name."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in FILES:
        file = str(path.relative_to(PACKAGE))
        for part in ast.walk(tree(path)):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                found.setdefault(part.func.attr, set()).add((file, ast.unparse(part.func.value)))
    return found


def callers(name: str) -> set[tuple[str, str]]:
    """(file, receiver) of every call of a method of that name."""
    return _every_call().get(name, set())


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
    assert others == {("live/wire.py", "self._one(call.source)")}


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
        ("sources/proxmox/console.py", "endpoints"),
    }
    outside = {
        caller
        for caller in callers("write")
        if caller[1] in ("self._endpoints", "client") and not caller[0].startswith("sources/")
    }
    assert outside == set()


def test_a_command_on_a_node_is_run_by_the_call_of_its_cluster_alone() -> None:
    """Reading over SSH runs `pvesh get`; whatever else is run goes by the gate of the wire."""
    assert callers("run_command") == {("sources/proxmox/source.py", "self._shells")}
    running = {path for path, _receiver in callers("create_process")}
    assert running == {"sources/ssh/run.py"}
    commands = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for part in ast.walk(tree(path))
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "run"
        if "sources" in path.parts and "connection" in ast.unparse(part)
    }
    assert commands == {
        "sources/ssh/command.py",
        "sources/proxmox/pvesh.py",
        "sources/gpu/ways.py",
    }


def test_what_is_run_to_see_the_use_of_cards_is_on_a_list_and_shows_only() -> None:
    """Through an agent it is a POST; it goes past the gate, so it can't be anything else."""
    gpu = {caller for caller in callers("write") if caller[0].startswith("sources/gpu")}
    assert gpu == {("sources/gpu/ways.py", "self._endpoints")}
    for asker in (AgentAsker, ShellAsker):
        source = inspect.getsource(asker.opened)
        assert "checked(command)" in source
    commands = [c for tools in TOOLS.values() for tool in tools for c in tool.commands]
    words = {word for command in commands for word in command}
    changing = ("set", "reset", "-r", "-pm", "-pl", "-mig", "-e", "-c", "config", "updatefw")
    assert not any(word.lstrip("-").startswith("set") or word in changing for word in words)


def test_a_console_is_opened_in_one_place_behind_the_gate() -> None:
    """What is typed at a console changes things as well; opening one is a write."""
    opened = {caller for caller in callers("console") if caller[0].startswith("live")}
    assert opened == {("live/entry/entry.py", "cluster")}
    source = inspect.getsource(Entry.console)
    assert source.index("await self._let(") < source.index("cluster.console(")
    gate = inspect.getsource(Entry._let)
    asked = ("await self._gate.look()", "self._gate.why_not()", "raise Rejected")
    assert [gate.index(word) for word in asked] == sorted(gate.index(word) for word in asked)
    assert "await self._let(" in inspect.getsource(Entry.ways)


def test_netbox_is_written_by_the_audits_journal_and_by_calls_of_the_wire() -> None:
    assert callers("journal") == {("live/audit.py", "self.records")}
    assert callers("add") >= {("sources/netbox/source.py", "client")}
    for writer in ("write", "call"):
        found = {caller for caller in callers(writer) if caller[0].startswith("sources/netbox")}
        assert found <= {("sources/netbox/source.py", "writing")}
    for verb in ("post", "patch"):
        assert {path for path, receiver in callers(verb)} == {"sources/netbox/connect.py"}, verb
    assert callers("change") >= {("sources/netbox/write.py", "client")}
    for verb in ("put", "create", "update", "save"):
        found = {caller for caller in callers(verb) if caller[0].startswith("sources/netbox")}
        assert found == set(), verb


def test_a_router_is_told_to_change_something_through_its_call_alone() -> None:
    """`changes=` marks a command that may; reading passes none."""
    marked = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for part in ast.walk(tree(path))
        if isinstance(part, ast.Call) and any(word.arg == "changes" for word in part.keywords)
    }
    # The wire hands the mark on to itself.
    assert marked == {"sources/routeros/write.py", "sources/routeros/wire.py"}
    verbs = ("/add", "/set", "/remove", "/enable", "/disable", "/reset", "/reboot", "/run")
    literal = {
        part.value
        for path in FILES
        if "routeros" in path.parts
        for part in ast.walk(tree(path))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        if part.value.startswith("/") and part.value.endswith(verbs)
    }
    assert literal == set()
