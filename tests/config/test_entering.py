"""`[ssh]` and `[console]`: patterns, users, the key that leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labtui.config.address import hop_of
from labtui.config.entering import ESCAPES, matching, read_console, read_ssh
from labtui.config.schema import ConsoleConfig, SshConfig
from labtui.config.sections import KEYS
from labtui.config.table import Mistakes, Table


def ssh(**raw: Any) -> tuple[SshConfig, list[str]]:
    mistakes = Mistakes(Path("/c"))
    made = read_ssh(Table(raw, "ssh", KEYS["ssh"], mistakes))
    return made, [mistake.key for mistake in mistakes.found]


def console(**raw: Any) -> tuple[ConsoleConfig, list[str]]:
    mistakes = Mistakes(Path("/c"))
    made = read_console(Table(raw, "console", KEYS["console"], mistakes))
    return made, [mistake.key for mistake in mistakes.found]


def test_hosts_and_users_by_pattern_in_their_order() -> None:
    made, wrong = ssh(
        hosts={"web-*": "amy@10.0.0.9:2222", "router:*": ["10.1.1.1", "[2001:db8::1]"]},
        users={"node:*": "root", "gpu-*": ["amy", "ben"]},
        allow_in_read_only=True,
    )
    assert wrong == []
    assert made.hosts[0] == ("web-*", (hop_of("amy@10.0.0.9:2222"),))
    # Where no port is written it is ssh's own settings that say which.
    assert [hop.address.port for hop in made.hosts[1][1]] == [0, 0]
    assert matching(made.users, "node", "pve1") == ("root",)
    assert matching(made.users, "guest", "GPU-amy") == ("amy", "ben")
    assert matching(made.users, "guest", "pve1") == ()
    assert made.allow_in_read_only


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"hosts": "web"}, "ssh.hosts"),
        ({"hosts": {"web": "-oProxyCommand=x"}}, "ssh.hosts.web"),
        ({"hosts": {"web": ["h", 4]}}, "ssh.hosts.web"),
        ({"users": {"web": "-l"}}, "ssh.users.web"),
        ({"users": {"web": "a b"}}, "ssh.users.web"),
        ({"users": {"web": ["a\nb"]}}, "ssh.users.web"),
        ({"user": "-oX"}, "ssh.user"),
        ({"jump": "-oX"}, "ssh.jump"),
    ],
)
def test_what_ssh_could_read_as_an_option_is_a_mistake(raw: dict[str, Any], key: str) -> None:
    _made, wrong = ssh(**raw)
    assert wrong == [key]


def test_the_key_that_leaves() -> None:
    assert console() == (ConsoleConfig("ctrl+]"), [])
    assert console(escape="ctrl+b")[0].escape == "ctrl+b"
    for needed in ("ctrl+c", "ctrl+m", "q"):
        assert console(escape=needed) == (ConsoleConfig("ctrl+]"), ["console.escape"])
    assert ESCAPES["ctrl+]"] == 0x1D
    assert ESCAPES["ctrl+a"] == 1
