"""The backups of every guest, read when this is opened: those without any first."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from labtui.actions.action import Wire
from labtui.actions.backups.list import read_backups
from labtui.locale import _
from labtui.model.backups import Archive, Backups, Saved
from labtui.ui.keys import shown
from labtui.ui.screens.page import Page, hinted
from labtui.ui.widgets.cells import Line, Span, padded
from labtui.views.figures import size, span
from labtui.views.view import Role

_OLD = 8 * 86400.0
_WIDTHS = (7, 22, 6, 4, 7, 5)


class Sheet(msgspec.Struct, frozen=True):
    """What is shown: the backups by cluster, None while they are read; `now` in seconds."""

    found: dict[str, Backups] | None = None
    now: float = 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the guests, a row each, in the order of the lines."""
        found = self.found or {}
        return (
            *(row.guest.key for each in found.values() for row in each.guests),
            *(f"{gone[0].cluster}/{gone[0].vmid}" for each in found.values() for gone in each.gone),
        )

    @property
    def kept(self) -> frozenset[str]:
        """Those of them that have a backup."""
        found = self.found or {}
        rows = (row for each in found.values() for row in each.guests)
        return frozenset(
            (
                *(row.guest.key for row in rows if row.archives),
                *(f"{g[0].cluster}/{g[0].vmid}" for each in found.values() for g in each.gone),
            )
        )


class BackupsDialog(Page[str]):
    """Reads once; a list that is asked for again is opened again. Ends with a guest to restore."""

    WIDEST: ClassVar[int] = 110

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._sheet = Sheet()
        self._body = sheet_lines(self._sheet)
        self._at = 0
        self._said = ""

    def begin(self) -> None:
        super().begin()
        self.run_worker(self._read(), exclusive=True)

    async def _read(self) -> None:
        wire = self._wire
        found = {name: await read_backups(name, wire) for name in wire.snapshot.sources("proxmox")}
        self._sheet = Sheet(found, wire.now())
        self._body = sheet_lines(self._sheet)
        self.show()

    @property
    def heading(self) -> str:
        return _("backups")

    def body(self, width: int) -> list[Line]:
        del width
        return self._body

    def before(self, number: int) -> Span:
        here = bool(self._sheet.keys) and number == self._first + self._at
        return Span("▸", "key") if here else super().before(number)

    def hints(self) -> list[Span]:
        if self._said:
            return [Span(f" {self._said} ", "warn")]
        keys = hinted(("enter", _("restore"))) if self._sheet.keys else []
        return [*keys, *super().hints()]

    @property
    def _first(self) -> int:
        """The line of the first guest."""
        return len(self._body) - len(self._sheet.keys)

    def press(self, key: str, character: str | None) -> bool:
        self._said = ""
        return super().press(key, character)

    def other_key(self, key: str) -> None:
        if key == "enter":
            self._restore()
        elif key in ("escape", "q", "ctrl+c"):
            self.end("")
        else:
            self._said = _("{key} does nothing here").format(key=shown(key))
            self.show()

    def _restore(self) -> None:
        keys = self._sheet.keys
        if not keys:
            return
        if keys[self._at] in self._sheet.kept:
            self.end(keys[self._at])
        else:
            self._said = _("it has no backup")
            self.show()

    def step(self, lines: int) -> None:
        """The cursor by so many rows; what is above the first is seen with it."""
        self._at = max(0, min(self._at + lines, len(self._sheet.keys) - 1))
        room = max(1, self.size.height - 2)
        line = self._first + self._at if self._at else 0
        self._top = max(line - room + 1, min(self._top, line))
        self.show()


def sheet_lines(sheet: Sheet) -> list[Line]:
    """A line for each guest, after what could not be read."""
    if sheet.found is None:
        return [(Span(_("Reading what lies on the storages."), "dim"),)]
    lines: list[Line] = []
    for cluster, each in sheet.found.items():
        for place, why in each.missing.items():
            lines.append((Span(f"{cluster}/{place}: {why}", "warn"),))
    saved = [row for each in sheet.found.values() for row in each.guests]
    without = sum(not row.archives for row in saved)
    text = _("{n} of {all} guests have no backup where we can see")
    lines.append((Span(text.format(n=without, all=len(saved)), "warn" if without else "good"),))
    head = (_("id"), _("name"), _("last"), _("n"), _("size"), _("job"), _("where"))
    titles = " ".join(padded(t, w) for t, w in zip(head, _WIDTHS, strict=False))
    lines.extend(((), (Span(f"{titles} {head[-1]}", "dim"),)))
    lines.extend(_line(row, sheet.now) for row in saved)
    gone = [archives for each in sheet.found.values() for archives in each.gone]
    lines.extend(_gone_line(archives, sheet.now) for archives in gone)
    return lines


def _gone_line(archives: tuple[Archive, ...], now: float) -> Line:
    """A guest of which there is nothing left but its backups."""
    last = archives[0]
    texts = (str(last.vmid), _("(gone)"), span(now - last.made), str(len(archives)), "", "")
    cells = [padded(text, width) + " " for text, width in zip(texts, _WIDTHS, strict=True)]
    return (*(Span(text, "off") for text in cells), Span(last.volume, "dim"))


def _line(saved: Saved, now: float) -> Line:
    last = saved.archives[0] if saved.archives else None
    role: Role = "bad" if last is None else "warn" if now - last.made > _OLD else ""
    job = {True: _("yes"), False: _("no"), None: "?"}[saved.in_job]
    cells = (
        (str(saved.guest.vmid), ""),
        (saved.guest.name, ""),
        (span(now - last.made) if last else _("none"), role),
        (str(len(saved.archives)), ""),
        (size(last.size) if last else "", ""),
        (job, "warn" if saved.in_job is False else ""),
    )
    spans = [
        Span(padded(text, width) + " ", each)
        for (text, each), width in zip(cells, _WIDTHS, strict=True)
    ]
    return (*spans, Span(last.volume if last else "", "dim"))
