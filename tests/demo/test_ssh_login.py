"""Who gets in by SSH, how one jumps, and what a login on a terminal is like."""

from __future__ import annotations

import asyncio
import shutil

import asyncssh
import pytest

from labtui.demo.ssh.hosts import JUMP
from tests.demo.ssh_stage import HOST, LIMIT, SshStage, ssh_stage

needs_openssh = pytest.mark.skipif(
    shutil.which("ssh") is None, reason="the OpenSSH client (ssh) is not on this machine"
)


@needs_openssh
async def test_openssh_runs_a_command() -> None:
    async with ssh_stage() as stage:
        assert await stage.shell("pve1", "hostname") == (0, "pve1\n", "")
        assert await stage.shell("pve1", "false") == (1, "", "")
        status, out, err = await stage.shell("pve1", "foo")
        assert (status, out) == (127, "")
        assert err.endswith("foo: command not found\n")


@needs_openssh
async def test_openssh_jumps_to_hosts_that_only_the_lab_knows() -> None:
    async with ssh_stage(JUMP, "pve1") as stage:
        for host, name in (
            ("pve2", "pve2"),
            ("pve2.lab.example", "pve2"),
            ("10.121.251.13", "pve3"),
            ("gpu-amy", "gpu-amy"),
        ):
            assert await stage.shell("-J", JUMP, host, "hostname") == (0, f"{name}\n", "")
        for host, words in (
            ("nowhere", "Name or service not known"),
            ("gpu-ben", "No route to host"),
        ):
            status, _out, err = await stage.shell("-J", JUMP, host, "hostname")
            assert status == 255
            assert words in err


@needs_openssh
async def test_openssh_on_a_terminal() -> None:
    async with ssh_stage() as stage:
        status, out, _err = await stage.shell("-tt", "pve1", typed="hostname\nexit 3\n")
        assert status == 3
        assert "Debian GNU/Linux comes with ABSOLUTELY NO WARRANTY" in out
        assert "pve1\r\nroot@pve1:~# " in out


@needs_openssh
async def test_openssh_with_a_password_is_refused() -> None:
    async with ssh_stage() as stage:
        status, _out, err = await stage.shell(
            "-o", "PreferredAuthentications=password,keyboard-interactive", "pve1", "true"
        )
        assert status == 255
        assert "Permission denied (publickey)" in err


@needs_openssh
async def test_openssh_sees_a_changed_key() -> None:
    async with ssh_stage() as stage:
        stage.ssh.change_key(stage.ssh.host("pve1"), 1)
        status, _out, err = await stage.shell("pve1", "true")
        assert status == 255
        assert "Host key verification failed" in err
        stage.ssh.change_key(stage.ssh.host("pve1"), 0)
        assert (await stage.shell("pve1", "true"))[0] == 0


@pytest.mark.parametrize("user", ["amy", "admin"])
async def test_only_root_gets_into_a_node(user: str) -> None:
    async with ssh_stage() as stage:
        with pytest.raises(asyncssh.PermissionDenied):
            async with stage.connect(username=user):
                pass


async def test_the_owner_gets_into_a_guest() -> None:
    async with ssh_stage("gpu-amy") as stage:
        async with stage.connect("gpu-amy", username="amy") as connection:
            done = await connection.run("whoami; hostname")
            assert done.stdout == "amy\ngpu-amy\n"
        with pytest.raises(asyncssh.PermissionDenied):
            async with stage.connect("gpu-amy", username="ben"):
                pass


async def test_another_key_is_refused() -> None:
    async with ssh_stage() as stage:
        stranger = asyncssh.generate_private_key("ssh-ed25519")
        with pytest.raises(asyncssh.PermissionDenied):
            async with stage.connect(client_keys=[stranger]):
                pass


async def test_forwarding_elsewhere_is_refused() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        for host, port in (("example.com", 22), ("pve2", 8006), (HOST, 1)):
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection(host, port)


async def test_a_node_beyond_a_cut_is_not_reached() -> None:
    async with ssh_stage(JUMP) as stage, stage.connect(JUMP) as connection:
        stage.ssh.reached = lambda node: node != "pve3"
        with pytest.raises(asyncssh.ChannelOpenError, match="Connection timed out"):
            await connection.open_connection("pve3", 22)
        reader, writer = await connection.open_connection("pve2", 22, encoding="latin-1")
        assert (await reader.readline()).startswith("SSH-2.0-OpenSSH_10")
        writer.close()


async def test_a_dead_node_is_silent() -> None:
    async with ssh_stage() as stage:
        async with stage.connect() as connection:
            stage.cluster.set_power("pve1", on=False)
            stage.ssh.step()
            async with asyncio.timeout(LIMIT):
                await connection.wait_closed()
        with pytest.raises((OSError, asyncssh.Error)):
            async with stage.connect():
                pass


async def test_a_terminal_has_a_prompt_and_may_be_resized() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        async with asyncio.timeout(LIMIT):
            process = await connection.create_process(term_type="xterm", term_size=(80, 24))
            await process.stdout.readuntil("root@pve1:~# ")
            process.change_terminal_size(132, 50)
            process.stdin.write("hostname\n")
            text = await process.stdout.readuntil("root@pve1:~# ")
            assert "hostname" in text
            assert "\npve1" in text.replace("\r", "")
            process.stdin.write("foo\n")
            text = await process.stdout.readuntil("root@pve1:~# ")
            assert "-bash: foo: command not found" in text
            process.stdin.write("\x03")
            assert "^C" in await process.stdout.readuntil("root@pve1:~# ")
            process.stdin.write("exit 3\n")
            await process.wait()
            assert process.exit_status == 3


async def test_a_shell_without_a_terminal_runs_what_it_is_given() -> None:
    async with ssh_stage() as stage:
        done = await stage.run(None, input="hostname\nfalse\n")
        assert (done.stdout, done.exit_status) == ("pve1\n", 1)


async def test_the_end_of_input_logs_out() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        async with asyncio.timeout(LIMIT):
            process = await connection.create_process(term_type="vt100")
            await process.stdout.readuntil("root@pve1:~# ")
            process.stdin.write("\x04")
            assert "logout" in await process.stdout.read()
            await process.wait()


async def test_files_are_private_and_whole() -> None:
    async with ssh_stage(JUMP, "pve1") as stage:
        assert stage.files.identity.stat().st_mode & 0o077 == 0
        lines = stage.files.known_hosts.read_text().splitlines()
        known = {line.split(",")[0] for line in lines}
        assert known > set(stage.ssh.names)
        assert len(known) == len(lines)
        first = lines[0].split()
        port = stage.ssh.ports["pve1"]
        assert first[0] == f"pve1,pve1.lab.example,10.121.250.11,[{HOST}]:{port}"
        assert first[1] == "ssh-ed25519"
        assert len({line.split()[2] for line in lines}) == len(lines)


def _names(stage: SshStage) -> set[str]:
    return set(stage.ssh.names)


async def test_who_is_served() -> None:
    async with ssh_stage() as stage:
        assert {"pve1", "pve4", "jump", "gpu-amy", "llm-a100"} <= _names(stage)
        assert "web-01" not in _names(stage)
        assert stage.ssh.host("web-01").vmid == 110
        with pytest.raises(KeyError, match="no host nothing"):
            stage.ssh.host("nothing")


async def test_what_a_client_may_not_do() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        with pytest.raises(asyncssh.Error):
            await connection.start_sftp_client()
