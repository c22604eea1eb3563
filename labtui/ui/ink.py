"""Ink: what a role looks like on a ground, made of the theme's variables once per theme.

Colour never carries a meaning alone; with sixteen colours or none, grounds become reverse video
and weight takes the place of shades.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.style import Style
from textual.color import Color, ColorParseError

ROLES = ("good", "warn", "bad", "dim", "stale", "info", "mark")
_FALLBACK = {
    "foreground": "#d6dde6",
    "background": "#0f141a",
    "surface": "#151b23",
    "panel": "#1e2630",
    "primary": "#5aa9e6",
    "secondary": "#8fa8c2",
    "accent": "#e0a84f",
    "good": "#6cc788",
    "warn": "#e6b450",
    "bad": "#ff7b72",
    "dim": "#93a0af",
    "stale": "#b0a07c",
    "info": "#79b8ff",
    "mark": "#d2a8ff",
}
_BOLD = frozenset(("bad", "title", "key", "strong", "mark", "frame-on"))
_FAINT = frozenset(("dim", "off", "frame", "stale", "trough"))
# Lines, not letters.
_DRAWN = frozenset(("frame", "frame-on", "trough", "meter"))
# Contrasts (WCAG 2.2): of text, and of what is old or can't be done now.
_ENOUGH, _LEAST = 4.5, 3.6
_SHADES = {"frame": 0.24, "off": 0.42, "trough": 0.20}
_NAMED = {
    "meter": "secondary",
    "title": "foreground",
    "strong": "foreground",
    "key": "accent",
    "head": "secondary",
}


def variables_of(role_colours: Mapping[str, str]) -> dict[str, str]:
    """A value for every role's variable: the given ones, else the default theme's."""
    return {role: role_colours.get(role) or _FALLBACK[role] for role in ROLES}


class Ink:
    """Styles of (role, ground); computed when first asked for."""

    def __init__(
        self, variables: Mapping[str, str], *, ansi: bool = False, no_colour: bool = False
    ) -> None:
        self._variables = variables
        self._ansi = ansi or no_colour
        self._no_colour = no_colour
        self._made: dict[tuple[str, str, bool], Style] = {}

    def style(self, role: str, ground: str, faded: bool = False) -> Style:
        """The style of a role on a ground; `faded` for what is old."""
        # What is old is no good news, whatever it was.
        wanted = ("stale" if faded and role == "good" else role, ground, faded)
        style = self._made.get(wanted)
        if style is None:
            style = self._few(*wanted) if self._ansi else self._many(*wanted)
            self._made[wanted] = style
        return style

    def _colour(self, name: str) -> Color:
        for text in (self._variables.get(name, ""), _FALLBACK.get(name, "#808080")):
            try:
                colour = Color.parse(text.split(" ")[0])
            except ColorParseError:
                continue
            if colour.a > 0:
                return colour
        return Color(128, 128, 128)

    def _many(self, role: str, ground: str, faded: bool) -> Style:
        """With all colours: grounds are shades."""
        back = self._ground(ground)
        if ground in ("badge", "caret"):
            front = self._colour("background")
        elif role in _SHADES:
            front = back.blend(self._colour("foreground"), _SHADES[role])
        elif role == "frame-on":
            front = self._colour("primary")
        else:
            front = self._colour(_NAMED.get(role, role or "foreground"))
        if faded and role not in ("bad", "warn", "title", "key", "frame-on"):
            front = back.blend(front, 0.55)
        if role not in _DRAWN:
            front = self._legible(front, back, _LEAST if faded or role == "off" else _ENOUGH)
        return Style(color=front.rich_color, bgcolor=back.rich_color, bold=role in _BOLD or None)

    def _legible(self, front: Color, back: Color, least: float) -> Color:
        """The colour, nearer to the foreground's where it would be hard to read."""
        aim = self._colour("foreground")
        for _step in range(10):
            if contrast(front, back) >= least:
                break
            front = front.blend(aim, 0.15)
        return front

    def _ground(self, ground: str) -> Color:
        base = self._colour("background")
        if ground == "cursor":
            return base.blend(self._colour("primary"), 0.30)
        if ground == "rest":
            return base.blend(self._colour("foreground"), 0.09)
        if ground == "badge":
            return self._colour("mark")
        if ground == "caret":
            return self._colour("accent")
        if ground in ("bar", "surface"):
            return self._colour("surface" if ground == "bar" else "panel")
        return base

    def _few(self, role: str, ground: str, faded: bool) -> Style:
        """With sixteen colours or none: grounds are reverse video, shades are weight."""
        attributes: dict[str, Any] = {
            "bold": role in _BOLD or ground == "badge" or None,
            "dim": role in _FAINT or faded or None,
            "reverse": ground in ("cursor", "badge", "caret") or None,
            "underline": (role == "head") or None,
        }
        if ground in ("cursor", "badge", "caret"):
            # On reverse video a faint or coloured text would be a patchwork.
            attributes["dim"] = None
            return Style(**attributes)
        if self._no_colour:
            return Style(**attributes)
        name = {"frame-on": "primary", "frame": "dim", "off": "dim", "trough": "dim"}.get(
            role, role
        )
        front = self._colour(_NAMED.get(name, name or "foreground"))
        back = self._colour("background")
        return Style(color=front.rich_color, bgcolor=back.rich_color, **attributes)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
