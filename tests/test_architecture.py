"""The shape of the house: sizes, registers, and what is imported when."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import labtui
from labtui.actions import ACTIONS
from labtui.actions.action import Action
from labtui.views import VIEWS
from labtui.views.view import View

PACKAGE = Path(labtui.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 310
LONGEST_FUNCTION = 50
CLIENTS = ("requests", "proxmoxer", "librouteros", "pynetbox", "asyncssh", "keyring", "aiohttp")


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_fit_a_screen(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for part in ast.walk(ast.parse(text)):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (part.end_lineno or part.lineno) - part.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{part.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    if text.strip():
        assert ast.get_docstring(ast.parse(text))


def test_names_say_what_things_are() -> None:
    words = ("util", "helper", "manager", "common", "misc")
    assert [path for path in FILES if any(word in path.stem for word in words)] == []


def test_every_view_is_in_the_register() -> None:
    stems = [path.stem for path in (PACKAGE / "views").glob("*.py") if path.stem != "__init__"]
    modules = [importlib.import_module(f"labtui.views.{stem}") for stem in stems]
    defined = {
        value.id for module in modules for value in vars(module).values() if type(value) is View
    }
    assert defined == {view.id for view in VIEWS}
    assert len(VIEWS) == len(defined)


def test_every_action_is_in_the_register() -> None:
    files = [path for path in (PACKAGE / "actions").rglob("*.py") if path.stem != "__init__"]
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in files]
    modules = [importlib.import_module(name) for name in names]
    defined = {
        value.id for module in modules for value in vars(module).values() if type(value) is Action
    }
    assert defined == {action.id for action in ACTIONS}
    assert len(ACTIONS) == len(defined)


def modules_after(code: str) -> set[str]:
    """The top-level modules that are loaded once that code has run in a fresh interpreter."""
    program = f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_asking_for_the_version_loads_nothing_heavy() -> None:
    code = (
        "from labtui.cli.main import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit:\n    pass"
    )
    heavy = modules_after(code) & {"textual", "rich", *CLIENTS}
    assert heavy == set()


def test_commands_without_a_screen_load_no_textual() -> None:
    code = "import labtui.cli.get, labtui.cli.status, labtui.cli.migrate, labtui.cli.check"
    assert "textual" not in modules_after(code)


def test_the_first_frame_waits_for_no_client_library() -> None:
    code = "import labtui.cli.console, labtui.ui.app, labtui.live.lab"
    assert modules_after(code) & set(CLIENTS) == set()


def test_the_first_frame_waits_for_no_rule_of_the_findings() -> None:
    loaded = modules_after("import labtui.cli.console, labtui.ui.app, labtui.live.lab")
    assert {name for name in loaded if name.startswith("labtui.findings")} == set()


def test_the_first_frame_waits_for_no_action() -> None:
    loaded = modules_after("import labtui.cli.console, labtui.ui.app, labtui.live.lab")
    actions = {name for name in loaded if name.startswith("labtui.actions.")}
    # What a plan and its calls are.
    assert actions == {"labtui.actions.action", "labtui.actions.call"}


def test_the_demo_lab_shares_nothing_with_the_console() -> None:
    loaded = modules_after("import labtui.demo.service, labtui.demo.__main__")
    shared = {name for name in loaded if name.startswith("labtui.")}
    assert {name for name in shared if not name.startswith("labtui.demo")} == set()
