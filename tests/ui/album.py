"""Pictures of the screen: what stands in every cell and how it looks, as text that can be read.

An SVG of a large screen takes 200 kB and says in a diff nothing to anybody. A picture here is the
screen's text, below it a letter per cell for its style, below that what the letters are: a few
kilobytes, the same on every machine, and a diff shows what moved. When a picture differs, the
screen is written as SVG too, for looking at.

`make pictures` (`LABTUI_PICTURES=renew`) writes them anew; look at the diff before it is committed.
"""

from __future__ import annotations

import difflib
import os
import string
from pathlib import Path

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tests.ui.driver import Console

FOLDER = Path(__file__).parent / "pictures"
RENEW = os.environ.get("LABTUI_PICTURES") == "renew"
_LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits + "!#$%&*+=?@~"
_RULE = "----"
_DIFFERENCES = 30


def picture(c: Console) -> str:
    """The present screen as text."""
    letters: dict[str, str] = {}
    texts: list[str] = []
    maps: list[str] = []
    for strip in c.app.screen._compositor.render_strips():
        texts.append(strip.text.rstrip())
        maps.append(_map(strip, letters))
    legend = [f"{letter} {look}" for look, letter in letters.items()]
    return "\n".join((*texts, _RULE, *maps, _RULE, *legend, ""))


def _map(strip: Strip, letters: dict[str, str]) -> str:
    cells = ""
    for segment in filter(None, strip):
        look = described(segment.style or Style())
        letter = letters.setdefault(look, _LETTERS[len(letters)])
        cells += letter * cell_len(segment.text)
    return cells


def described(style: Style) -> str:
    """A style in words, whatever Rich may call it."""
    front = style.color.name if style.color else "default"
    back = style.bgcolor.name if style.bgcolor else "default"
    words = [name for name in ("bold", "dim", "reverse", "underline") if getattr(style, name)]
    return " ".join((front, "on", back, *words))


class Album:
    """The pictures of one test: compared one by one, all differences told at the end."""

    def __init__(self, c: Console, size: tuple[int, int], failed: Path) -> None:
        self._c = c
        self._size = f"{size[0]}x{size[1]}"
        self._failed = failed
        self._wrong: list[str] = []

    def take(self, name: str) -> None:
        """Compare the present screen with the picture of that name."""
        path = FOLDER / f"{name}-{self._size}.txt"
        shown = picture(self._c)
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if shown == known:
            return
        if RENEW:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(shown, encoding="utf-8")
            return
        svg = self._failed / f"{path.stem}.svg"
        svg.write_text(self._c.app.export_screenshot(), encoding="utf-8")
        lines = difflib.unified_diff(known.splitlines(), shown.splitlines(), n=0, lineterm="")
        self._wrong.append("\n".join((f"{path.name} ({svg})", *list(lines)[2:_DIFFERENCES])))

    def close(self) -> None:
        """Fail if a picture was not as it should be."""
        assert not self._wrong, "\n\n".join((*self._wrong, "renew them with `make pictures`"))
