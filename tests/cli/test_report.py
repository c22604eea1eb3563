"""`labtui report`: what is in it, and what is not."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from labtui.cli.report import report
from labtui.cli.report_contents import configuration
from labtui.config.file import load
from labtui.config.paths import example_file, state_folder
from labtui.live.cache import backends_of, cache_file
from labtui.live.cache_file import encode, write
from labtui.model.snapshot import Snapshot
from tests.cli.running import labtui
from tests.snapshots import cluster_lab, guest

SECRETS = (
    "plain-token-secret-1",
    "router-password-1",
    "router-write-password-1",
    "nbt_abcdef.0123456789abcdef",
    "pass show lab/very-private",
    "misspelt-password-1",
    "in-a-strange-table-1",
)
CONFIG = """
[lab]
name = "lsalab"

[[proxmox]]
name = "pve"
endpoints = ["pve1.lab.example", "pve2.lab.example"]
token_id = "labtui@pve!console"
token_secret = "plain-token-secret-1"

[[router]]
name = "836"
addresses = ["10.121.250.1"]
username = "ro"
password = "router-password-1"
write_username = "rw"
write_password = "router-write-password-1"

[[router]]
name = "835"
addresses = ["10.121.251.1"]
username = "ro"
password = { command = "pass show lab/very-private" }

[netbox]
url = "https://netbox.lab.example"
token = "nbt_abcdef.0123456789abcdef"

[keys]
"guest.migrate" = "M"
"""
WRONG = """
[ui]
pasword = "misspelt-password-1"

[strange]
value = "in-a-strange-table-1"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configured(home: Path, text: str = CONFIG) -> Path:
    path = home / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def unpacked(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        found = {}
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            assert stream is not None
            found[member.name.rpartition("/")[2]] = stream.read().decode()
            assert (member.uname, member.uid, member.mode) == ("", 0, 0o600)
        return found


def fill(path: Path) -> None:
    """A log and a last state, as a console leaves them."""
    config = load(path)
    folder = state_folder(config.lab)
    (folder / "labtui.log.1").write_text("the first line\n")
    (folder / "labtui.log").write_text(
        "a line with router-password-1\nPVEAPIToken=labtui@pve!console=plain-token-secret-1\n"
    )
    lab = cluster_lab(guest(104, name="gpu-amy"), guest(105, name="方怡君"))
    state = Snapshot(lab="lsalab", parts=lab.parts, freshness=lab.freshness)
    backends = {**backends_of(config), "proxmox/lab": ("pve1.lab.example:8006",)}
    write(cache_file(config), encode(state, backends))


def test_what_is_in_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = configured(home)
    fill(path)
    assert report(path, "bug.tar.gz", with_snapshot=False) == 0
    found = unpacked(home / "bug.tar.gz")
    assert list(found) == ["versions.json", "config.json", "labtui.log"]
    assert (home / "bug.tar.gz").stat().st_mode & 0o777 == 0o600
    versions = json.loads(found["versions.json"])
    assert versions["libraries"]["textual"][0].isdigit()
    assert {"labtui", "python", "system", "terminal"} <= versions.keys()
    assert found["labtui.log"].splitlines()[0] == "the first line"
    told = capsys.readouterr().out
    for name in found:
        assert name in told
    assert "0600" in told
    assert [each.name for each in home.glob(".bug*")] == []


def test_no_secret_is_in_it(home: Path) -> None:
    fill(configured(home))
    for text in (CONFIG, CONFIG + WRONG):
        assert report(configured(home, text), "bug.tar.gz", with_snapshot=True) == 0
        whole = "".join(unpacked(home / "bug.tar.gz").values())
        assert "netbox.lab.example" in whole
        for secret in SECRETS:
            assert secret not in whole, secret


def test_the_configuration_says_what_it_can(home: Path) -> None:
    told: dict[str, Any] = json.loads(configuration(configured(home, CONFIG + WRONG)))
    assert told["proxmox"][0]["endpoints"] == ["pve1.lab.example", "pve2.lab.example"]
    assert told["proxmox"][0]["token_secret"] == "***"
    assert told["router"][1]["password"] == "*** (command)"
    assert told["keys"] == {'"guest.migrate"': "M"}
    assert told["ui"] == {"(unknown keys)": 1}
    assert told["(unknown tables)"] == 1


def test_the_example_can_be_reported(home: Path) -> None:
    told = json.loads(configuration(example_file()))
    assert told["log"]["level"] == "info"
    assert told["netbox"]["token"] == "*** (env)"


def test_the_last_state_comes_without_names(home: Path) -> None:
    path = configured(home)
    fill(path)
    # The part that `fill` wrote is of a source that this configuration does not have.
    text = CONFIG.replace('name = "pve"', 'name = "lab"')
    assert report(configured(home, text), "bug.tar.gz", with_snapshot=True) == 0
    state = unpacked(home / "bug.tar.gz")["snapshot.json"]
    assert json.loads(state)["parts"]
    for name in ("gpu-amy", "方怡君", "pve1", "ceph"):
        assert name not in state


def test_without_a_state_it_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = configured(home)
    assert report(path, "bug.tar.gz", with_snapshot=True) == 0
    assert list(unpacked(home / "bug.tar.gz")) == ["versions.json", "config.json"]
    told = capsys.readouterr().out
    assert "no last state is kept yet" in told
    assert "no log was found" in told


def test_a_damaged_state_is_left_where_it_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configured(home)
    kept = cache_file(load(path))
    write(kept, b"odd")
    assert report(path, "bug.tar.gz", with_snapshot=True) == 0
    assert "the kept state is damaged" in capsys.readouterr().out
    assert kept.read_bytes() == b"odd"


@pytest.mark.parametrize("text", ["", "[[", "[lab]\nname = 3\n[[proxmox]]\npassword = 'x1y2z3'\n"])
def test_a_broken_configuration_is_reported_too(home: Path, text: str) -> None:
    path = configured(home, text)
    assert report(path, "bug.tar.gz", with_snapshot=True) == 0
    found = unpacked(home / "bug.tar.gz")
    assert "mistake" in found["mistakes.txt"]
    assert "x1y2z3" not in "".join(found.values())


def test_no_configuration_at_all(home: Path) -> None:
    assert report(home / "none.toml", "bug.tar.gz", with_snapshot=False) == 0
    assert "No such file" in unpacked(home / "bug.tar.gz")["config.json"]


def test_a_folder_that_is_not_there_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(configured(home), "none/bug.tar.gz", with_snapshot=False) == 1
    assert "No such file" in capsys.readouterr().err


def test_as_a_command_it_names_the_file_by_the_time(home: Path) -> None:
    ended = labtui("--config", str(configured(home)), "report")
    assert ended.status == 0, ended.err
    (path,) = home.glob("labtui-report-*.tar.gz")
    assert path.name in ended.out
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_log_of_a_long_time_is_cut_at_its_beginning(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labtui.cli import report_contents

    path = configured(home)
    fill(path)
    monkeypatch.setattr(report_contents, "_MOST_LOG", 80)
    config = load(path)
    log = state_folder(config.lab) / "labtui.log"
    log.write_bytes(io.BytesIO(b"".join(b"line %04d\n" % n for n in range(100))).getvalue())
    lines = report_contents.log_lines(config).splitlines()
    assert lines[0] == "line 0093"
    assert lines[-1] == "line 0099"
