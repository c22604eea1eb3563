"""What nodes and guests of the demo lab answer over SSH."""

from __future__ import annotations

import asyncio
import json

import pytest

from labtui.demo.ssh.pvesh import read_order, shown
from tests.demo.ssh_stage import LIMIT, SshStage, ssh_stage


async def out(stage: SshStage, command: str, name: str = "pve1") -> str:
    done = await stage.run(command, name)
    assert done.exit_status == 0, (done.stdout, done.stderr)
    return str(done.stdout)


@pytest.mark.parametrize(
    ("command", "status", "stdout", "stderr"),
    [
        ("true", 0, "", ""),
        ("false || echo no", 0, "no\n", ""),
        ("true && echo yes", 0, "yes\n", ""),
        ("false && echo yes", 1, "", ""),
        ("echo -n a; echo b", 0, "ab\n", ""),
        ("foo", 127, "", "bash: line 1: foo: command not found\n"),
        ("foo 2>/dev/null", 127, "", ""),
        ("foo 2>&1", 127, "bash: line 1: foo: command not found\n", ""),
        ("echo hi >&2", 0, "", "hi\n"),
        ("LC_ALL=C sudo -n hostname -f", 0, "pve1.lab.example\n", ""),
        ("timeout -k 5 10 hostname", 0, "pve1\n", ""),
        ("bash -c 'echo inside; exit 4'", 4, "inside\n", ""),
        ("env A=1 sh -c hostname", 0, "pve1\n", ""),
        ("echo 'a b' | wc -l", 0, "1\n", ""),
        ("hostname -I", 0, "10.121.250.11 \n", ""),
        ("command -v pvesh nothing", 1, "/usr/bin/pvesh\n", ""),
        ("cat /etc/hostname /nope", 1, "pve1\n", "cat: /nope: No such file or directory\n"),
        ("a &&", 2, "", "bash: line 1: syntax error: unexpected end of file\n"),
        ("whoami; id | grep -c root", 0, "root\n1\n", ""),
    ],
)
async def test_small_commands(command: str, status: int, stdout: str, stderr: str) -> None:
    async with ssh_stage() as stage:
        done = await stage.run(command)
        assert (done.exit_status, done.stdout, done.stderr) == (status, stdout, stderr)


async def test_uptime_and_kernel() -> None:
    async with ssh_stage() as stage:
        text = await out(stage, "uptime; uname -a; date +%s; pveversion")
        lines = text.splitlines()
        assert " up 11 days" in lines[0]
        assert lines[1].startswith("Linux pve1 7.0.14-11-pve ")
        assert int(lines[2]) == int(stage.clock.now())
        assert lines[3].startswith("pve-manager/9.2")


async def test_pvesh_says_what_the_api_says() -> None:
    async with ssh_stage() as stage:
        version = json.loads(await out(stage, "pvesh get /version --output-format json"))
        assert version["release"] == "9.2"
        nodes = json.loads(await out(stage, "pvesh get /nodes --output-format=json"))
        assert {row["node"] for row in nodes} == {"pve1", "pve2", "pve3", "pve4"}
        local = json.loads(
            await out(stage, "pvesh get /nodes/localhost/status --output-format json")
        )
        assert local["cpuinfo"]["cpus"] == 64
        path = "/nodes/pve2/qemu/112/config"
        config = json.loads(await out(stage, f"pvesh get {path} --output-format json-pretty"))
        assert config["name"] == "db-01"
        rows = json.loads(
            await out(stage, "pvesh get cluster/resources -type vm --output-format json")
        )
        assert len(rows) == 58
        table = await out(stage, "pvesh get /version")
        assert table.splitlines()[1].split() == ["│", "key", "│", "value", "│"]


async def test_pvesh_writes_as_root() -> None:
    async with ssh_stage() as stage:
        await out(stage, "pvesh set /nodes/pve1/qemu/110/config --description hello")
        assert stage.cluster.state.guests[110].config["description"] == "hello"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("pvesh get /nope", "no 'get' handler for '/nope'\n"),
        ("pvesh create /version", "no 'create' handler for '/version'\n"),
        ("pvesh get /nodes/pve1/qemu/999/config", "qemu-server/999.conf' does not exist\n"),
        ("pvesh get /nodes/pve1/qemu/abc/config", "400 Parameter verification failed.\nvmid: "),
        ("pvesh get /version --nope 1", "nope: property is not defined in schema"),
        ("pvesh get", "400 not enough arguments\n"),
        ("pvesh get /version --output-format xml", "does not have a value in the enumeration"),
        ("pvesh dance /version", "unknown command 'pvesh dance'"),
        ("pvesh ls /nope", "no such resource '/nope'\n"),
        ("qm unlock 999", "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"),
        ("qm unlock 112", "Configuration file 'nodes/pve1/qemu-server/112.conf' does not exist"),
        ("ha-manager crm-command node-maintenance enable nope", "no such cluster node 'nope'"),
        ("ha-manager nothing", "unknown command 'ha-manager nothing'"),
        ("pvecm expected 1", "CS_ERR_INVALID_PARAM"),
        ("qm terminal 105", "VM 105 not running\n"),
    ],
)
async def test_refusals(command: str, words: str) -> None:
    async with ssh_stage() as stage:
        done = await stage.run(command)
        assert done.exit_status not in (0, None)
        assert words in str(done.stderr)
        assert done.stdout == ""


async def test_pvesh_to_a_dead_node() -> None:
    async with ssh_stage() as stage:
        stage.cluster.set_power("pve3", on=False)
        done = await stage.run("pvesh get /nodes/pve3/status --output-format json")
        assert done.exit_status == 255
        assert "ssh: connect to host 10.121.251.13 port 22: " in str(done.stderr)
        assert "proxy handler failed" in str(done.stderr)


async def test_a_task_is_followed_to_its_end() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        async with asyncio.timeout(LIMIT):
            command = "pvesh create /nodes/pve1/qemu/110/status/shutdown --output-format json"
            process = await connection.create_process(command)
            for _step in range(200):
                stage.clock.moment += 5
                if process.exit_status is not None:
                    break
                await asyncio.sleep(0.02)
            lines = (await process.stdout.read()).splitlines()
            assert json.loads(lines[-1]).startswith("UPID:pve1:")
            assert process.exit_status == 0
            assert not stage.cluster.state.guests[110].running


async def test_ha_manager() -> None:
    async with ssh_stage() as stage:
        lines = (await out(stage, "ha-manager status")).splitlines()
        assert lines[0] == "quorum OK"
        assert any(line.startswith("lrm pve4 (") for line in lines)
        assert "service vm:100 (pve1, started)" in lines
        for word in ("enable", "disable"):
            await out(stage, f"ha-manager crm-command node-maintenance {word} pve2")
            assert stage.cluster.state.nodes["pve2"].maintenance is (word == "enable")
        config = await out(stage, "ha-manager config")
        assert "vm:100\n" in config
        await out(stage, "ha-manager crm-command migrate vm:100 pve2")
        assert stage.cluster.ha.resources["vm:100"].move_to == "pve2"


async def test_quorum() -> None:
    async with ssh_stage() as stage:
        text = await out(stage, "pvecm status")
        assert "Quorate:          Yes\n" in text
        assert "0x00000001          1 10.121.250.11 (local)\n" in text
        for name in ("pve2", "pve3", "pve4"):
            stage.cluster.set_power(name, on=False)
        stage.clock.moment += 20
        stage.cluster.advance()
        text = await out(stage, "pvecm status; pvecm nodes")
        assert "Quorate:          No\n" in text
        assert "Activity blocked" in text
        done = await stage.run("qm unlock 100")
        assert done.stderr == "cluster not ready - no quorum?\n"
        await out(stage, "pvecm expected 1 && qm unlock 100")
        assert "Quorate:          Yes\n" in await out(stage, "pvecm status")


async def test_guests_of_a_node() -> None:
    async with ssh_stage() as stage:
        stage.cluster.state.guests[100].set_lock("backup")
        await out(stage, "qm unlock 100; pct unlock 103")
        assert stage.cluster.state.guests[100].lock is None
        assert "gw-836" in await out(stage, "qm list")
        assert "jump" in await out(stage, "pct list")
        assert await out(stage, "qm status 105; pct status 103") == (
            "status: stopped\nstatus: running\n"
        )
        assert "name: gw-836\n" in await out(stage, "qm config 100")
        assert stage.ssh.host("jump").vmid == 103


async def test_services() -> None:
    async with ssh_stage("pve1", "gpu-amy") as stage:
        node = stage.cluster.state.nodes["pve1"]
        stage.cluster.statistics.hang(node)
        await out(stage, "systemctl restart pvestatd")
        assert not node.pvestatd_hung
        assert "Active: active (running)" in await out(stage, "systemctl status pvedaemon.service")
        done = await stage.run("systemctl is-active pvestatd", "gpu-amy")
        assert (done.exit_status, done.stdout) == (3, "inactive\n")
        done = await stage.run("systemctl status nothing")
        assert (done.exit_status, done.stderr) == (4, "Unit nothing.service could not be found.\n")
        missing = await stage.run("pvesh get /version", "gpu-amy")
        assert missing.exit_status == 127


async def test_a_serial_console() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        stage.cluster.state.guests[100].config["serial0"] = "socket"
        async with asyncio.timeout(LIMIT):
            process = await connection.create_process("qm terminal 100", term_type="xterm")
            await process.stdout.readuntil("(press Ctrl+O to exit)")
            process.stdin.write("\r")
            await process.stdout.readuntil("gw-836 login: ")
            process.stdin.write("roop\x7ft\r")
            await process.stdout.readuntil("Password: ")
            process.stdin.write("secret\r")
            text = await process.stdout.readuntil("root@gw-836:~# ")
            assert "secret" not in text
            process.stdin.write("hostname\r")
            assert "gw-836" in await process.stdout.readuntil("root@gw-836:~# ")
            process.stdin.write("\x0f")
            await process.wait()
            assert process.exit_status == 0


async def test_a_machine_without_a_serial_port_has_no_console() -> None:
    async with ssh_stage() as stage:
        stage.cluster.state.guests[100].config.pop("serial0", None)
        done = await stage.run("qm terminal 100")
        assert (done.exit_status, done.stderr) == (255, "unable to find a serial interface\n")


async def test_the_console_and_the_shell_of_a_container() -> None:
    async with ssh_stage() as stage, stage.connect() as connection:
        async with asyncio.timeout(LIMIT):
            process = await connection.create_process("pct console 103", term_type="xterm")
            await process.stdout.readuntil("Ctrl+a itself")
            process.stdin.write("\r")
            await process.stdout.readuntil("jump login: ")
            process.stdin.write("\x01q")
            await process.wait()
            inside = await connection.run("pct enter 103", input="hostname\nexit 5\n")
            assert (inside.stdout, inside.exit_status) == ("jump\n", 5)


async def test_nvidia_smi_of_a_guest() -> None:
    query = "nvidia-smi --query-gpu=index,name,uuid --format=csv,noheader"
    async with ssh_stage("pve1", "gpu-amy") as stage:
        lines = (await out(stage, query, "gpu-amy")).splitlines()
        assert len(lines) == 2
        assert all("RTX 4090" in line for line in lines)
        assert (await stage.run("nvidia-smi", "gpu-amy")).exit_status == 0


@pytest.mark.parametrize("version", ["8.4", "9.2"])
async def test_both_releases(version: str) -> None:
    async with ssh_stage(version=version) as stage:
        text = await out(stage, "pvesh get /version --output-format json; ha-manager status")
        assert json.loads(text.splitlines()[0])["release"] == version


def test_orders_and_shapes() -> None:
    order = read_order(["nodes", "--a", "1", "-b=2", "--c", "--quiet", "--a", "3"])
    assert (order.path, order.given, order.ours) == (
        "/nodes",
        {"a": "1,3", "b": "2", "c": "1"},
        {"quiet": "1"},
    )
    with pytest.raises(ValueError, match="too many"):
        read_order(["a", "b"])
    rows = [{"b": 1, "a": "x"}, {"a": "y"}]
    assert shown(rows, "json", {}) == '[{"a":"x","b":1},{"a":"y"}]\n'
    assert shown(rows, "yaml", {}) == "---\n- a: x\n  b: 1\n- a: y\n"
    assert shown(rows, "text", {"noborder": "1"}) == "a b\nx 1\ny\n"
    assert shown("UPID:x", "text", {}) == "UPID:x\n"
    assert shown(None, "text", {}) == ""
