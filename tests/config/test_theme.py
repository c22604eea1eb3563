"""Themes: labtui's own are whole and readable, a wrong one is left out with its reasons."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labtui.config.paths import theme_folders
from labtui.config.theme import ANSI_COLOURS, ThemeFile, load_themes

OWN = theme_folders(Path("/none/config.toml"))[0]
DARK = (OWN / "labtui-dark.toml").read_text(encoding="utf-8")


def own() -> dict[str, ThemeFile]:
    themes, mistakes = load_themes([OWN])
    assert not mistakes
    return {theme.name: theme for theme in themes}


def colours(theme: ThemeFile) -> dict[str, str]:
    return {**msgspec.structs.asdict(theme.colours), **msgspec.structs.asdict(theme.roles)}


def _light(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, as WCAG 2 defines it."""
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


def test_labtuis_own_themes() -> None:
    themes = own()
    assert set(themes) >= {"labtui-dark", "labtui-light", "high-contrast", "ansi-16"}
    assert {name for name, theme in themes.items() if theme.ansi} == {"ansi-16"}
    assert not themes["labtui-light"].dark
    for name, theme in themes.items():
        assert Path(theme.path).stem == name


def test_texts_can_be_read_on_every_ground() -> None:
    for theme in own().values():
        if theme.ansi:
            continue
        least = 7.0 if theme.name == "high-contrast" else 4.5
        texts = {"foreground": theme.colours.foreground, **msgspec.structs.asdict(theme.roles)}
        for ground in (theme.colours.background, theme.colours.surface, theme.colours.panel):
            for role, colour in texts.items():
                assert contrast(colour, ground) >= least, f"{theme.name}: {role} on {ground}"


def test_the_toolkit_knows_every_colour() -> None:
    color = pytest.importorskip("textual.color")
    for name in ANSI_COLOURS:
        assert color.Color.parse(name).ansi is not None
    for theme in own().values():
        for colour in colours(theme).values():
            color.Color.parse(colour)


def written(folder: Path, text: str, name: str = "mine.toml") -> list[str]:
    """The mistakes of a folder with this theme alone; without one, the theme was taken."""
    (folder / name).write_text(text)
    themes, mistakes = load_themes([folder])
    assert bool(themes) != bool(mistakes)
    return [mistake.sentence for mistake in mistakes]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("#5aa9e6", "#5aa9e", "mine.toml: colours.primary: expected #rrggbb"),
        ("#5aa9e6", "red", 'found "red"'),
        ("#5aa9e6", "ansi_rde", "did you mean ansi_red?"),
        ("#5aa9e6", "#5aa9e6\\n", "colours.primary"),
        ('bad = "#ff7b72"', "", "roles.bad: expected #rrggbb"),
        ('bad = "#ff7b72"', "bad = 7", "found a number"),
        ("primary =", "primry =", "did you mean primary?"),
        ("[roles]", "[rolls]", "did you mean roles?"),
        ("dark = true", 'dark = "true"', "dark: expected true or false"),
        ('name = "labtui-dark"', 'name = "a b"', "name: expected a name"),
        ('name = "labtui-dark"', "", "found nothing"),
        ("[colours]", "[colours", "not TOML"),
    ],
)
def test_a_wrong_theme_says_what_is_wrong(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in DARK
    sentences = written(tmp_path, DARK.replace(old, new))
    assert any(says in sentence for sentence in sentences), sentences
    assert all(str(tmp_path) in sentence for sentence in sentences)


def test_all_mistakes_of_a_theme_at_once(tmp_path: Path) -> None:
    assert len(written(tmp_path, 'name = "x"\ndark = 1\n[colours]\n[roles]\n')) == 15


def test_a_theme_of_the_terminals_colours(tmp_path: Path) -> None:
    assert not written(tmp_path, DARK.replace("#5aa9e6", "ansi_bright_blue"))
    (theme,), _mistakes = load_themes([tmp_path])
    assert theme.colours.primary == "ansi_bright_blue"
    assert not theme.ansi


def test_the_users_theme_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(DARK.replace("#5aa9e6", "#ABCDEF"))
    (tmp_path / "broken.toml").write_bytes(b"\xff")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "large.toml").write_text("#" * 70_000)
    (tmp_path / "notes.txt").write_text("no theme")
    themes, mistakes = load_themes([OWN, tmp_path, tmp_path / "none"])
    by_name = {theme.name: theme for theme in themes}
    assert len(by_name) == len(themes)
    assert by_name["labtui-dark"].colours.primary == "#abcdef"
    assert "labtui-light" in by_name
    assert len(mistakes) == 3


def test_two_themes_of_one_name_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(DARK)
    (tmp_path / "b.toml").write_text(DARK)
    themes, (mistake,) = load_themes([tmp_path])
    assert [Path(theme.path).name for theme in themes] == ["a.toml"]
    assert "a.toml" in mistake.found


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    themes, mistakes = load_themes([tmp_path / "x"])
    assert not themes
    assert len(mistakes) == 1


@given(st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    themes, mistakes = load_themes([tmp_path])
    assert not themes
    assert mistakes
