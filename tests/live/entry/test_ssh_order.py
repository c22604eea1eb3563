"""The command line of ssh: exact, and no word from outside an option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.address import hops_of
from labtui.config.schema import SshConfig
from labtui.live.entry.ssh_order import order
from labtui.model.entry import Way
from labtui.model.errors import Rejected

PATIENCE = [
    "-o",
    "ConnectTimeout=15",
    "-o",
    "ServerAliveInterval=15",
    "-o",
    "ServerAliveCountMax=4",
]


def line(ssh: SshConfig, way: Way, jump: str = "", *, alone: bool = False) -> list[str]:
    return order(ssh, way, hops_of(jump), alone=alone).line("/usr/bin/ssh", "/tmp/f")


def test_the_plain_way_leaves_the_rest_to_ssh() -> None:
    assert line(SshConfig(), Way("10.0.0.5", "agent")) == [
        "/usr/bin/ssh", *PATIENCE, "--", "10.0.0.5",
    ]  # fmt: skip


def test_user_port_and_jumps_are_words_of_their_own() -> None:
    way = Way("2001:db8::5", "config", "root", 2222)
    assert line(SshConfig(user="amy"), way, "jump.example,ben@[2001:db8::1]:2200") == [
        "/usr/bin/ssh", *PATIENCE, "-J", "amy@jump.example:22,ben@[2001:db8::1]:2200",
        "-p", "2222", "-l", "root", "--", "2001:db8::5",
    ]  # fmt: skip


def test_known_keys_and_our_own_are_options_without_a_jump() -> None:
    ssh = SshConfig(known_hosts="/home/a b/50%", identity_file="/k")
    words = line(ssh, Way("h", "config"))
    assert 'UserKnownHostsFile="/home/a b/50%%"' in words
    assert 'IdentityFile="/k"' in words
    assert "IdentitiesOnly=yes" in words
    assert "StrictHostKeyChecking=ask" in words
    assert "-F" not in words


def test_with_a_jump_they_are_settings_that_hold_there_too() -> None:
    made = order(SshConfig(known_hosts="/kn", identity_file="/k"), Way("h", "config"), hops_of("j"))
    assert made.line("ssh", "/tmp/f") == ["ssh", "-F", "/tmp/f", "-J", "j:22", "--", "h"]
    assert made.settings.splitlines() == [
        "Host *",
        '  UserKnownHostsFile "/kn"',
        '  IdentityFile "/k"',
        "  IdentitiesOnly yes",
        "  ConnectTimeout 15",
        "  ServerAliveInterval 15",
        "  ServerAliveCountMax 4",
        "  StrictHostKeyChecking ask",
        "  Include ~/.ssh/config",
        "  Include /etc/ssh/ssh_config",
    ]


def test_the_demo_lab_hears_of_no_settings_of_this_machine() -> None:
    made = order(SshConfig(), Way("h", "config"), (), alone=True)
    assert "Include" not in made.settings
    assert "IdentityAgent none" in made.settings


def test_this_machine_itself_is_behind_no_jump_host() -> None:
    assert "-J" not in line(SshConfig(), Way("127.0.0.1", "config", port=2222), "j")


@pytest.mark.parametrize(
    "host",
    ["-oProxyCommand=x", "", "a b", "a;b", "$(x)", "a@b", "fe80::1%eth0", "h:22", "a\nb", "[::1]"],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(Rejected):
        line(SshConfig(), Way(host, "agent"))


@pytest.mark.parametrize("user", ["-l", "a b", "a@b", "a:b", "a/b", "a\n"])
def test_what_is_no_user_is_refused(user: str) -> None:
    with pytest.raises(Rejected):
        line(SshConfig(), Way("h", "config", user))


@pytest.mark.parametrize("path", ['/a"b', "/a\\b", "/a\nb"])
def test_a_path_that_ssh_would_read_otherwise_is_refused(path: str) -> None:
    with pytest.raises(Rejected):
        line(SshConfig(identity_file=path), Way("h", "config"))


@given(st.text(max_size=30), st.text(max_size=10), st.integers(0, 65535))
def test_no_text_from_outside_becomes_an_option(host: str, user: str, port: int) -> None:
    try:
        words = line(SshConfig(), Way(host, "netbox", user, port))
    except Rejected:
        return
    assert words[-2] == "--"
    assert not words[-1].startswith("-")
    at = words.index("-l") if "-l" in words else -1
    assert at < 0 or not words[at + 1].startswith("-")
