"""Where files are looked for, and that labtui's folders are private."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.config import paths
from labtui.model.errors import LabError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home without any of the variables set."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("LABTUI_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_order_of_the_places(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.config_file() == home / ".config/labtui/config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    assert paths.config_file() == home / "xdg/labtui/config.toml"
    monkeypatch.setenv("LABTUI_CONFIG", "~/mine.toml")
    assert paths.config_file() == home / "mine.toml"
    assert paths.config_file("/other.toml") == Path("/other.toml")
    assert paths.config_file("other.toml") == Path.cwd() / "other.toml"
    assert paths.config_file("~no-such-user/x").name == "x"


def test_the_users_themes_stand_beside_the_configuration(home: Path) -> None:
    own, users = paths.theme_folders(home / "lab" / "config.toml")
    assert (own / "labtui-dark.toml").is_file()
    assert users == home / "lab" / "themes"
    assert paths.theme_folders()[1] == home / ".config/labtui/themes"


def test_folders_are_made_private(home: Path) -> None:
    made = [
        paths.cache_folder(),
        paths.state_folder(),
        paths.journal_folder(),
        paths.cache_folder("lsalab"),
        paths.journal_folder("實驗室 ../x"),
    ]
    assert len(set(made)) == len(made)
    for folder in made:
        assert folder.is_dir()
        assert home in folder.parents
        inside = folder
        while inside.name != "labtui":
            assert inside.stat().st_mode & 0o777 == 0o700
            inside = inside.parent
        assert inside.stat().st_mode & 0o777 == 0o700


def test_two_labs_never_share_a_folder(home: Path) -> None:
    names = ("a b", "a_b", "a/b", "..", "A b")
    assert len({paths.state_folder(name) for name in names}) == len(names)


def test_an_open_folder_is_closed(home: Path) -> None:
    folder = home / ".cache/labtui"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    assert paths.cache_folder() == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_somebody_elses_folder_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = home.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    with pytest.raises(LabError) as caught:
        paths.private_folder(home / "x")
    assert "another user" in str(caught.value)


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(LabError) as caught:
        paths.private_folder(home / "file" / "x")
    assert caught.value.where == str(home / "file" / "x")
    assert caught.value.why
    assert caught.value.remedy
