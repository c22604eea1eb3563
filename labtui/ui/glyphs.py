"""Glyphs for terminals and fonts that have nothing but ASCII."""

from __future__ import annotations

_PLAIN = {
    "─": "-",
    "│": "|",
    "╶": "-",
    "╴": "-",
    "━": "#",
    "┃": "#",
    "╭": "+",
    "╮": "+",
    "╰": "+",
    "╯": "+",
    "├": "+",
    "┤": "+",
    "█": "#",
    "░": ".",
    "▒": ":",
    "▁": "_",
    "▂": "_",
    "▃": "-",
    "▄": "-",
    "▅": "=",
    "▆": "=",
    "▇": "#",
    "▸": ">",
    "›": ">",
    "‹": "<",
    "◂": "<",
    "←": "<",
    "└": "`",
    "▲": "^",
    "▼": "v",
    "•": "*",
    "·": "-",
    "…": "~",
    "✓": "+",
    "✗": "x",
    "→": ">",
    "↑": "^",
    "↓": "v",
    "�": "?",
}
# An area of braille dots: the more dots, the blacker.
_PLAIN.update({chr(0x2800 + dots): " ..::++##"[dots.bit_count()] for dots in range(256)})
_TABLE = str.maketrans(_PLAIN)


def plain(text: str) -> str:
    """The text with each glyph that labtui draws with replaced by one of ASCII, cell for cell.

    Letters of names (CJK, accents) are left alone.
    """
    return text if text.isascii() else text.translate(_TABLE)
