"""`labtui map`: sites and links as text, SVG or Graphviz; with two sites the way between them.

Exit status: 0, or 3 when no router could be read.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.output import STYLES
from labtui.cli.reading import failures, topics_of
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.paths import Trail
from labtui.model.snapshot import Snapshot
from labtui.views.map import NEEDS
from labtui.views.map_picture import Ink, Picture, boxes_for, draw
from labtui.views.map_places import Atlas, atlas, what_falls
from labtui.views.map_svg import dot, svg
from labtui.views.map_tree import tree
from labtui.views.map_words import hops, way
from labtui.views.view import Role

if TYPE_CHECKING:
    from rich.console import Console

_PIPED = (100, 30)
_Ways = tuple[Trail | None, Trail | None]


def draw_map(
    config: Config, *, to_svg: str, as_dot: bool, between: tuple[str, ...], measured: bool
) -> int:
    """Print it, or write it to a file; `measured` pings through every link that stands."""
    whole, seconds, ways, told = look(
        config,
        topics_of(NEEDS),
        lambda lab, snapshot: _read(lab, snapshot, between, measured=measured),
    )
    for line in told:
        sys.stderr.write(f"labtui: {line}\n")
    if not whole.net.sites:
        return Exit.BLOCKED
    if as_dot:
        sys.stdout.write(dot(whole, seconds) + "\n")
    elif to_svg:
        return _write(to_svg, svg(whole, seconds))
    else:
        _print(whole, seconds, between, ways)
    return Exit.DONE


async def _read(
    lab: LiveLab, snapshot: Snapshot, between: tuple[str, ...], *, measured: bool
) -> tuple[Atlas, dict[str, float], _Ways | None, list[str]]:
    seconds: dict[str, float] = {}
    if measured:
        found = {key: taken async for key, taken in lab.probing.latencies()}
        seconds = {key: taken for key, taken in found.items() if taken is not None}
    ways = await lab.probing.between(*between[:2]) if len(between) == 2 else None
    return atlas(snapshot, lab.now()), seconds, ways, failures(snapshot)


def _write(path: str, text: str) -> int:
    if path == "-":
        sys.stdout.write(text + "\n")
        return Exit.DONE
    try:
        Path(path).write_text(text + "\n", "utf-8")
    except OSError as error:
        why = error.strerror or type(error).__name__
        sys.stderr.write(_("labtui: {path}: {why}\n").format(path=path, why=why))
        return Exit.FAILED
    return Exit.DONE


def _print(
    whole: Atlas, seconds: dict[str, float], between: tuple[str, ...], ways: _Ways | None
) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    size = shutil.get_terminal_size(_PIPED) if sys.stdout.isatty() else _PIPED
    width, height = size[0] - 1, max(12, size[1] - 8)
    boxes = boxes_for(whole, width, height)
    if boxes is None:
        for twig in tree(whole, seconds):
            console.print(Text(twig.text, style=STYLES[twig.role]))
    else:
        path = {key for trail in ways or () if trail is not None for key in trail.links}
        ink = Ink(path=frozenset(path), seconds=seconds)
        _print_picture(console, draw(whole, boxes, width, height, ink))
    for place in whole.places:
        if place.cut_off:
            console.print(Text(f"{place.name}: {what_falls(place)}", style=STYLES["warn"]))
    if ways is not None:
        _print_ways(console, between, ways)


def _print_picture(console: Console, picture: Picture) -> None:
    from rich.text import Text

    styles = {str(role): style for role, style in STYLES.items()}
    styles |= {"strong": "bold", "mark": "bold magenta", "frame": "dim"}
    for row in picture.rows:
        line = Text()
        for piece in row:
            line.append(piece.text, styles.get(piece.role, ""))
        line.rstrip()
        console.print(line)


def _print_ways(console: Console, between: tuple[str, ...], ways: _Ways) -> None:
    from rich.text import Text

    ends = ((between[0], between[1]), (between[1], between[0]))
    for (one, other), trail in zip(ends, ways, strict=True):
        cell = way(one, other, trail)
        role: Role = cell.role
        console.print(Text(cell.text, style=STYLES[role]))
        for hop in hops(trail) if trail is not None else ():
            console.print(Text(f"  {hop}"))
