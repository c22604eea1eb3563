"""Pins are written into the user's file, and nothing else in it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.file import load
from labtui.config.pin import NotPinned, PinTable, _edited, write_pin

PIN = "ab" * 32
NEW = "cd" * 32
TEXT = f'''# my lab

[[proxmox]]   # the cluster
  name = 'pve'    # top line
  endpoints = [
    "pve1",  # first
    "pve2",
  ]
  token_id = "a@pve!bb"
  token_secret = "hunter2"

[[router]]
# fingerprint = "commented"
name = "836"
addresses = ["10.0.0.1"]
fingerprint="{PIN}"# from the WinBox screen
username = "ro"
password = {{ env = "X" }}

[[router]]
password = {{ env = "X" }}
username = "ro"
name = "835"
addresses = ["10.0.0.2"]

[netbox]
url = "https://n"
token = {{ env = "N" }}'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("table", "name", "after"),
    [
        ("proxmox", "pve", "  name = 'pve'    # top line\n"),
        ("router", "835", 'name = "835"\n'),
        ("netbox", "", 'url = "https://n"\n'),
    ],
)
def test_a_new_pin_is_one_line_more(path: Path, table: PinTable, name: str, after: str) -> None:
    write_pin(path, table, name, NEW.upper())
    indent = "  " if table == "proxmox" else ""
    assert path.read_text() == TEXT.replace(after, f'{after}{indent}fingerprint = "{NEW}"\n')
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_an_old_pin_gives_way_and_its_comment_stays(path: Path) -> None:
    write_pin(path, "router", "836", NEW)
    assert path.read_text() == TEXT.replace(PIN, NEW)
    assert load(path).routers[0].tls.pins == (NEW,)


def test_a_pin_for_each_node(path: Path) -> None:
    write_pin(path, "proxmox", "pve", [NEW, PIN, NEW])
    assert load(path).proxmox[0].tls.pins == (NEW, PIN)
    write_pin(path, "proxmox", "pve", PIN)
    assert path.read_text() == TEXT.replace(
        "# top line\n", f'# top line\n  fingerprint = "{PIN}"\n'
    )


def test_a_list_over_several_lines_gives_way(path: Path) -> None:
    listed = f'fingerprint = [\n  "{PIN}",\n  "{PIN}",\n]\n'
    path.write_text(TEXT.replace('name = "835"\n', f'{listed}name = "835"\n'))
    write_pin(path, "router", "835", NEW)
    assert path.read_text() == TEXT.replace(
        'name = "835"\n', f'fingerprint = "{NEW}"\nname = "835"\n'
    )


def test_the_same_pin_touches_nothing(path: Path) -> None:
    before = path.stat()
    write_pin(path, "router", "836", PIN)
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_line_ends_of_windows_stay(path: Path) -> None:
    windows = TEXT.replace("\n", "\r\n").encode()
    places: list[tuple[PinTable, str]] = [("router", "835"), ("router", "836"), ("netbox", "")]
    for table, name in places:
        path.write_bytes(windows)
        write_pin(path, table, name, NEW)
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
        assert path.read_bytes().replace(b"\r\n", b"\n").decode().count(NEW) == 1


def test_mode_and_link_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    write_pin(link, "router", "835", NEW)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert NEW in path.read_text()


def refused(path: Path, table: PinTable, name: str, pin: str | list[str] = NEW) -> str:
    """Why it was refused; the file and its folder are as they were."""
    before = path.read_bytes()
    names = sorted(each.name for each in path.parent.iterdir())
    with pytest.raises(NotPinned) as caught:
        write_pin(path, table, name, pin)
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == names
    assert "hunter2" not in f"{caught.value} {caught.value.remedy}"
    return f"{caught.value.why}; {caught.value.remedy}"


def test_unknown_names_and_pins_are_refused(path: Path) -> None:
    assert "no router named 702" in refused(path, "router", "702")
    assert "no proxmox named 836" in refused(path, "proxmox", "836")
    assert "64 hex digits" in refused(path, "router", "836", "abc")
    assert "no fingerprint" in refused(path, "router", "836", [])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "835"', 'name = "835"\nca_file = "x"', "take ca_file out"),
        ('name = "835"', 'name = "835"\ntls = "anonymous"', "take tls out"),
        ('name = "835"', 'name = "836"', "is there twice"),
        ('name = "835"', f'name = "835"\nfingerprint = [ # x\n"{PIN}"]', "can't be edited"),
        ('name = "835"', f'name = "835"\nfingerprint.a = "{PIN}"', "can't be edited"),
        ('name = "835"', f'name = "835"\n[router.fingerprint]\na = "{PIN}"', "can't be edited"),
        ("# my lab", 'x = """\n[[router]]\n"""', "[[router]] alone"),
        ("# my lab", "= broken", "not TOML"),
        ('username = "ro"', "username = '''\nname = x\n'''", "can't be edited"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(path: Path, old: str, new: str, says: str) -> None:
    text = TEXT.replace(old, new)
    assert text != TEXT
    path.write_text(text)
    name = "836" if "twice" in says else "835"
    assert says in refused(path, "router", name)


def test_tables_without_a_header_are_refused_with_the_line_to_write(path: Path) -> None:
    path.write_text('netbox = { url = "https://n" }\nrouter = [{ name = "835" }]\n')
    places: list[tuple[PinTable, str]] = [("netbox", ""), ("router", "835")]
    for table, name in places:
        assert f'by hand: fingerprint = "{NEW}"' in refused(path, table, name)
    path.write_text('[netbox]\nurl = "http://n"')
    assert "https://" in refused(path, "netbox", "")


def test_files_that_are_not_simply_ours_are_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "second.toml").hardlink_to(path)
    assert "second name" in refused(path, "router", "835")
    (tmp_path / "second.toml").unlink()
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    assert "another user" in refused(path, "router", "835")


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(NotPinned):
            write_pin(path, "router", "835", NEW)


def test_a_change_by_somebody_else_is_not_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _path: b"# newer")
    with pytest.raises(NotPinned, match="somebody else"):
        write_pin(path, "router", "835", NEW)
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


_lines = st.lists(
    st.sampled_from(
        [
            "[[router]]",
            "[netbox]",
            "[lab]",
            'name = "835"',
            'name = "a" # x',
            'url = "https://n"',
            f'fingerprint = "{PIN}" # kept',
            'x = """',
            '"""',
            "a = [",
            "]",
            "",
            "  # remark",
        ]
    ),
    max_size=4,
)


@given(_lines, _lines, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_whatever_the_file_only_the_pin_changes(
    above: list[str], below: list[str], end: str, last: bool
) -> None:
    text = end.join((*above, "[[router]]", 'name = "835"', *below)) + (end if last else "")
    try:
        result = _edited(Path("x"), text.encode(), ("router", "835"), NEW, f'fingerprint = "{NEW}"')
    except NotPinned:
        return
    expected = tomllib.loads(text)
    for router in expected["router"]:
        if router.get("name") == "835":
            router["fingerprint"] = NEW
    assert tomllib.loads(result) == expected
    # A last line without an end gets one; nothing else may differ.
    old = text.replace("\r\n", "\n").split("\n")
    kept = [line.removesuffix("\r") for line in result.split("\n") if NEW not in line]
    replaced = [number for number, line in enumerate(old) if PIN in line]
    without_one = [old[:number] + old[number + 1 :] for number in replaced]
    assert kept in [old, *without_one]
    assert result.count("# kept") == text.count("# kept")
