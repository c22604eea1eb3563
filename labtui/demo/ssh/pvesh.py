"""`pvesh`: the API of the nodes as a command of root's, through the same handlers as over HTTP.

Source of the words: `PVE/CLI/pvesh.pm` and `PVE/CLIFormatter.pm` of pve-manager and pve-common.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from dataclasses import dataclass, field
from typing import Any

from labtui.demo.cluster.tasks import Task
from labtui.demo.proxmox.errors import ApiError
from labtui.demo.proxmox.forwarding import forward_to
from labtui.demo.proxmox.identities import Identity
from labtui.demo.proxmox.parameters import check_parameters
from labtui.demo.proxmox.readonly import refuse_writes
from labtui.demo.proxmox.site import Call, Site
from labtui.demo.ssh.session import Session
from labtui.demo.ssh.tables import as_text

FAILED = 255
VERBS = {"get": "GET", "create": "POST", "set": "PUT", "delete": "DELETE"}
FORMATS = ("text", "json", "json-pretty", "yaml")
ROOT = Identity("root@pam")
TASK_LOOK_SECONDS = 0.05
"""Real seconds between two looks at a task that is waited for."""

_OURS = ("output-format", "noproxy", "quiet", "human-readable", "noborder", "noheader")
_BARE = ("quiet", "human-readable", "noborder", "noheader")
_USAGE = """ERROR: unknown command 'pvesh {0}'
USAGE: pvesh <COMMAND> [ARGS] [OPTIONS]
       pvesh create <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh delete <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh get <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh ls <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh set <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh help [<extra-args>] [OPTIONS]
"""


class Unknown(Exception):
    """There is no handler for that path."""


@dataclass
class Order:
    """A call: its path, its parameters, and how its answer is to be shown."""

    path: str = ""
    given: dict[str, str] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)


def read_order(arguments: list[str]) -> Order:
    """The words after the verb. Options are `--name value`, `-name value` or `--name=value`;
    one that is repeated is a list. Raises ValueError with a sentence.
    """
    order, rest = Order(), list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            if order.path:
                raise ValueError("too many arguments")
            order.path = word if word.startswith("/") else f"/{word}"
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals:
            bare = name in _BARE or not rest or rest[0].startswith("--")
            value = "1" if bare else rest.pop(0)
        into = order.ours if name in _OURS else order.given
        into[name] = f"{into[name]},{value}" if name in into else value
    return order


async def call(
    site: Site, node: str, verb: str, path: str, given: dict[str, str]
) -> tuple[Any, str]:
    """The data of a call that root makes on a node, and the node that answered.

    Raises `Unknown`, or `ApiError` as the API does; privileges and forwarding are those of root.
    """
    site.world.advance()
    found = site.contract.find(verb, path)
    handlers = _handlers()
    if found is None or (verb, found[0].template) not in handlers:
        raise Unknown(path)
    method, values = found
    given = given | values
    wanted = given.get("node") if method.proxied else None
    if wanted not in (None, node, "localhost"):
        await forward_to(site, str(wanted), node)
        node = str(wanted)
    params = check_parameters(method.parameters, given)
    request = Call(site, node, ROOT, verb, path, params)
    await refuse_writes(request, method.template)
    result = handlers[verb, method.template](request)
    answer = await result if inspect.isawaitable(result) else result
    if answer.dump is not None:
        return json.loads(answer.dump.body)["data"], node
    return answer.data, node


def _handlers() -> Any:
    """The handlers of the API, looked up late: the server imports half of the demo."""
    from labtui.demo.proxmox.server import ROUTES

    return ROUTES


async def pvesh(session: Session, arguments: list[str]) -> int:
    """`pvesh VERB PATH [OPTIONS]`."""
    verb = arguments[0] if arguments else ""
    if verb not in VERBS and verb != "ls":
        session.complain(_USAGE.format(verb))
        return FAILED
    try:
        order = read_order(arguments[1:])
    except ValueError as error:
        session.complain(f"400 {error}\n")
        return FAILED
    if not order.path:
        session.complain(f"400 not enough arguments\npvesh {verb} <api_path> [OPTIONS]\n")
        return FAILED
    shape = order.ours.get("output-format", "text")
    if shape not in FORMATS:
        session.complain(
            "400 Parameter verification failed.\noutput-format: value "
            f"'{shape}' does not have a value in the enumeration '{', '.join(FORMATS)}'\n"
        )
        return FAILED
    if verb == "ls":
        return await _list(session, order)
    data = await perform(session, verb, order.path, order.given)
    if isinstance(data, Failed):
        return data.status
    if "quiet" not in order.ours:
        session.write(shown(data, shape, order.ours))
    return 0


@dataclass
class Failed:
    """A call that was refused; everything has been said."""

    status: int


async def perform(session: Session, verb: str, path: str, given: dict[str, str]) -> Any:
    """Make a call, wait for its task with its log on the screen; `Failed` where it was refused."""
    site, node = session.lab.site, session.host.name
    try:
        data, _answered = await call(site, node, VERBS[verb], path, given)
    except Unknown:
        session.complain(f"no '{verb}' handler for '{path}'\n")
        return Failed(FAILED)
    except ApiError as error:
        session.complain(_words(site, error, verb, path))
        return Failed(FAILED)
    if isinstance(data, str) and data.startswith("UPID:"):
        task = session.lab.state.tasks.find(data)
        if task is not None and not await follow(session, task):
            return Failed(FAILED)
    return data


async def follow(session: Session, task: Task) -> bool:
    """Show the log of a task as it grows, to its end; whether it ended well."""
    shown_lines = 0
    while not session.gone:
        session.lab.site.world.advance()
        for line in task.log[shown_lines:]:
            if line.startswith("TASK ERROR: "):
                session.complain(f"{line.removeprefix('TASK ERROR: ')}\n")
            elif line != "TASK OK":
                session.write(f"{line}\n")
        shown_lines = len(task.log)
        if not task.running:
            return task.exitstatus == "OK" or str(task.exitstatus).startswith("WARNINGS")
        await asyncio.sleep(TASK_LOOK_SECONDS)
    return False


def _words(site: Site, error: ApiError, verb: str, path: str) -> str:
    """What the command says of a refusal."""
    if error.empty:
        parts = path.strip("/").split("/")
        node = site.state.nodes.get(parts[1]) if len(parts) > 1 else None
        address = node.lab.address if node is not None else ""
        return (
            f"ssh: connect to host {address} port 22: {error.reason}\n"
            f"proxy handler failed: command '/usr/bin/ssh -e none root@{address} -- pvesh "
            f"--noproxy {verb} {path} --output-format json' failed: exit code 255\n"
        )
    lines = [f"{error.status} {error.message}" if error.status == 400 else error.message]
    lines += [f"{name}: {text}" for name, text in (error.errors or {}).items()]
    return "\n".join(lines) + "\n"


async def _list(session: Session, order: Order) -> int:
    """`pvesh ls`: the children of a path, with what can be done with each."""
    site = session.lab.site
    children: dict[str, str] = {}
    branch: Any = site.contract.tree
    for part in [each for each in order.path.split("/") if each]:
        keys = [key for key in branch if key.startswith("{")]
        branch = branch.get(part) or (branch.get(keys[0]) if keys else None)
        if branch is None:
            session.complain(f"no such resource '{order.path}'\n")
            return FAILED
    verbs = (("GET", "r"), ("PUT", "w"), ("POST", "c"), ("DELETE", "d"))
    for name, below in branch.items():
        if not name or name.startswith("{"):
            continue
        template = below.get("")
        rights = "".join(
            mark if (verb, template) in site.contract.methods else "-" for verb, mark in verbs
        )
        children[name] = ("D" if set(below) - {""} else "-") + rights
    for name in sorted(children):
        session.write(f"{children[name]}        {name}\n")
    return 0


def shown(data: Any, shape: str, ours: dict[str, str]) -> str:
    """The data in one of the formats; keys are sorted in all of them."""
    if shape == "json":
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    if shape == "json-pretty":
        return json.dumps(data, ensure_ascii=False, indent=3, sort_keys=True) + "\n"
    if shape == "yaml":
        return _yaml(data)
    return as_text(data, border="noborder" not in ours, header="noheader" not in ours)


def _yaml(data: Any) -> str:
    """YAML of the flat kind that CPAN::Meta::YAML writes."""
    lines = ["---"]
    if isinstance(data, list):
        for row in data:
            text = _yaml(row).split("\n")[1:-1] if isinstance(row, (dict, list)) else [_plain(row)]
            lines += [f"{'- ' if not at else '  '}{line}" for at, line in enumerate(text)]
    elif isinstance(data, dict):
        for name in sorted(data):
            value = data[name]
            if isinstance(value, (dict, list)) and value:
                lines.append(f"{name}:")
                lines += [f"  {line}" for line in _yaml(value).split("\n")[1:-1]]
            else:
                lines.append(f"{name}: {_plain(value)}")
    else:
        return f"--- {_plain(data)}\n"
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> str:
    if value is None:
        return "~"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    quoted = not text or text[0] in "-?:,[]{}#&*!|>'\"%@`~" or ": " in text or "\n" in text
    return "'" + text.replace("'", "''") + "'" if quoted else text
