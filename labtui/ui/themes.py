"""Themes: labtui's theme files as Textual themes, and which one is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.theme import BUILTIN_THEMES, Theme

from labtui.config.theme import ThemeFile
from labtui.locale import _
from labtui.ui.ink import ROLES, variables_of

DEFAULT = "labtui-dark"
SIXTEEN = "ansi-16"


def textual_theme(file: ThemeFile) -> Theme:
    """A theme file as Textual wants it; its roles become variables."""
    colours, roles = file.colours, file.roles
    return Theme(
        name=file.name,
        primary=colours.primary,
        secondary=colours.secondary,
        accent=colours.accent,
        warning=roles.warn,
        error=roles.bad,
        success=roles.good,
        foreground=colours.foreground,
        background=colours.background,
        surface=colours.surface,
        panel=colours.panel,
        dark=file.dark,
        ansi=file.ansi,
        variables={role: getattr(roles, role) for role in ROLES},
    )


def fallback() -> Theme:
    """The default theme, for when its file is missing."""
    return Theme(
        name=DEFAULT,
        primary="#5aa9e6",
        secondary="#8fa8c2",
        accent="#e0a84f",
        foreground="#d6dde6",
        background="#0f141a",
        surface="#151b23",
        panel="#1e2630",
        variables=variables_of({}),
    )


def role_defaults(theme: Theme | None) -> dict[str, str]:
    """Values for the roles that a theme does not set (Textual's own themes know none of ours)."""
    if theme is None:
        return variables_of({})
    known = {
        "good": theme.success,
        "warn": theme.warning,
        "bad": theme.error,
        "info": theme.primary,
        "mark": theme.accent,
        "dim": theme.secondary,
        "stale": theme.secondary,
    }
    return {
        # Textual's own style sheets ask for these two, and its themes of few colours lack them.
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        **variables_of({role: value for role, value in known.items() if value}),
    }


def choose(wanted: str, names: Sequence[str], *, few_colours: bool) -> tuple[str, str]:
    """The theme to take, and a message when that is not the one that was wanted."""
    default = SIXTEEN if few_colours and SIXTEEN in names else DEFAULT
    if not wanted or wanted in names:
        return wanted or default, ""
    message = _("there is no theme {wanted}; {default} is taken (there are {names})")
    known = [name for name in names if name not in BUILTIN_THEMES]
    return default, message.format(wanted=wanted, default=default, names=", ".join(known))


def registered(themes: Sequence[ThemeFile]) -> Mapping[str, Theme]:
    """All themes of the files by name, the default one always among them."""
    made = {file.name: textual_theme(file) for file in themes}
    made.setdefault(DEFAULT, fallback())
    return made
