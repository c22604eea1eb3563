"""What is written to the terminal, with nothing said twice, for slow links.

Textual writes each piece of text with its whole style before and a reset after it. What is written
here looks the same in fewer bytes: the style in force is remembered, and only the difference from
it is sent.
"""

from __future__ import annotations

import re

import msgspec

_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
# After these the terminal's style is not known any more: full reset, soft reset, restored cursor,
# another screen.
_FORGETS = re.compile(r"\x1b(?:c|\[!p|8|\[\?(?:47|104[79])[hl])")
_COLOUR_LENGTH = {"5": 3, "2": 5}


class _Look(msgspec.Struct, frozen=True):
    """Colours and attributes in force; empty texts are the terminal's own colours."""

    fore: str = ""
    back: str = ""
    attributes: frozenset[str] = frozenset()


_PLAIN = _Look()


def _parse(parameters: str, look: _Look) -> _Look | None:
    """The look after a style sequence (ECMA-48 SGR); None when it holds something unknown."""
    fore, back, attributes = look.fore, look.back, look.attributes
    codes = (parameters or "0").split(";")
    at = 0
    while at < len(codes):
        code = codes[at] or "0"
        if code in ("38", "48"):
            length = _COLOUR_LENGTH.get(codes[at + 1]) if at + 1 < len(codes) else None
            if length is None or at + length > len(codes):
                return None
            colour = ";".join(codes[at : at + length])
            fore, back = (colour, back) if code == "38" else (fore, colour)
            at += length
            continue
        if code == "0":
            fore, back, attributes = "", "", frozenset()
        elif code in _FORE:
            fore = "" if code == "39" else code
        elif code in _BACK:
            back = "" if code == "49" else code
        elif code in _ATTRIBUTES:
            attributes |= {code}
        else:
            return None
        at += 1
    return _Look(fore, back, attributes)


_FORE = frozenset(str(code) for code in (*range(30, 38), 39, *range(90, 98)))
_BACK = frozenset(str(code) for code in (*range(40, 48), 49, *range(100, 108)))
_ATTRIBUTES = frozenset(str(code) for code in (1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53))


def _difference(now: _Look | None, wanted: _Look) -> str:
    """The shortest sequence from one look to the other."""
    if now == wanted:
        return ""
    if now is None or now.attributes - wanted.attributes or wanted == _PLAIN:
        codes = ["0", *sorted(wanted.attributes, key=int), wanted.fore, wanted.back]
        if wanted == _PLAIN:
            return "\x1b[0m"
    else:
        codes = sorted(wanted.attributes - now.attributes, key=int)
        if now.fore != wanted.fore:
            codes.append(wanted.fore or "39")
        if now.back != wanted.back:
            codes.append(wanted.back or "49")
    return f"\x1b[{';'.join(code for code in codes if code)}m"


class Thrift:
    """Rewrites what is written to a terminal; keeps the look in force between writings."""

    def __init__(self) -> None:
        self._sent: _Look | None = None
        # None: an unknown style was passed on, and no reset has come since.
        self._wanted: _Look | None = _PLAIN

    def rewritten(self, data: str) -> str:
        """The same effect in fewer bytes."""
        if "\x1b" not in data:
            return self._text(data)
        pieces: list[str] = []
        at = 0
        for match in _STYLE.finditer(data):
            pieces.append(self._text(data[at : match.start()]))
            at = match.end()
            self._style(match, pieces)
        pieces.append(self._text(data[at:]))
        return "".join(pieces)

    def _style(self, match: re.Match[str], pieces: list[str]) -> None:
        resets = match[1].partition(";")[0] in ("", "0")
        before = _PLAIN if resets else self._wanted
        look = None if before is None else _parse(match[1], before)
        if look is None:
            # Pass it on as it is; until a reset nothing is known.
            if self._wanted is not None:
                pieces.append(_difference(self._sent, self._wanted))
            pieces.append(match[0])
            self._sent = None
        self._wanted = look

    def _text(self, text: str) -> str:
        """Text in the wanted look. Sequences that paint nothing need no look before them."""
        if not text:
            return ""
        if _FORGETS.search(text):
            self._sent = None
            return f"\x1b[0m{text}"
        if self._wanted is None or not _paints(text):
            return text
        change = _difference(self._sent, self._wanted)
        self._sent = self._wanted
        lead = _LEADING_MOVES.match(text)
        cut = lead.end() if lead else 0
        return text[:cut] + change + text[cut:]


# Cursor positions and private modes: what stands before the text of an update.
_LEADING_MOVES = re.compile(r"(?:\x1b\[\d+(?:;\d+)?H|\x1b\[\?[\d;]+[hl])+")
_UNPAINTING = re.compile(r"\x1b\[[\d;?<>=]*[A-Zhlnrtu](?<![JKLMPSTX@])|\r|\n")


def _paints(text: str) -> bool:
    """True when something becomes visible, with the colours in force: text, or erasing."""
    return bool(_UNPAINTING.sub("", text))
