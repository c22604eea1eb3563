"""Putting a finding aside: why, and until when. Says what it does before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from labtui.findings.telling import moment
from labtui.locale import _
from labtui.model.spans import span
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, wrapped
from labtui.ui.widgets.prompt import Entry

if TYPE_CHECKING:
    from labtui.findings import Cause

Answer = tuple[str, str, float | None]
"""Kind (`ack`, `snooze`), why, until when (epoch seconds, None: until it is over)."""
_SPANS: dict[str, tuple[float | None, ...]] = {
    "ack": (None, 3600.0, 8 * 3600.0, 86400.0, 7 * 86400.0),
    "snooze": (3600.0, 1800.0, 4 * 3600.0, 12 * 3600.0, 86400.0, 7 * 86400.0),
}


class MarkDialog(Dialog[Answer | None]):
    """Ends with the answer, None when it was left."""

    WIDEST: ClassVar[int] = 76

    def __init__(self, kind: Literal["ack", "snooze"], cause: Cause, now: float) -> None:
        super().__init__()
        self._kind = kind
        self._said = cause.finding.words.say()
        self._now = now
        self._choice = 0
        self._reason = Entry()
        self._lacks = False

    @property
    def _span(self) -> float | None:
        return _SPANS[self._kind][self._choice]

    def lines(self, width: int, height: int) -> list[Line]:
        title = _("seen") if self._kind == "ack" else _("put off")
        body: list[Line] = [()]
        body.extend((Span(part, "strong"),) for part in wrapped(self._said, width - 6))
        body.append(())
        body.extend((Span(part, "dim"),) for part in wrapped(self._meaning(), width - 6))
        entry = self._reason
        after = entry.text[entry.at :] or " "
        body.extend(
            (
                (),
                (Span(_("until"), "dim"), Span(f"  ‹ {self._until()} ›", "key")),
                (
                    Span(_("why"), "dim"),
                    Span("    " + entry.text[: entry.at]),
                    Span(after[0], "strong", "caret"),
                    Span(after[1:]),
                ),
                (Span(_("write why, for those who see it next"), "warn"),) if self._lacks else (),
                self._keys(),
            )
        )
        return [
            frame.top(width, [Span(f" {title} ", "title")], on=True),
            *(frame.side(closed((Span("  "), *line), width - 2), on=True) for line in body),
            frame.bottom(width, on=True),
        ]

    def _meaning(self) -> str:
        if self._kind == "ack":
            return _("It stands behind the others and is not counted; it comes back if it worsens.")
        return _("It is not counted until then, unless it worsens.")

    def _until(self) -> str:
        if self._span is None:
            return _("it is over")
        until = moment(self._now + self._span, self._now)
        return _("{time}, in {span}").format(time=until, span=span(self._span))

    def _keys(self) -> Line:
        return (
            Span("enter", "key"),
            Span(" " + _("keep it") + "   "),
            Span("↑ ↓", "key"),
            Span(" " + _("until when") + "   "),
            Span("esc", "key"),
            Span(" " + _("leave")),
        )

    def press(self, key: str, character: str | None) -> bool:
        if key in ("escape", "ctrl+c"):
            self.end(None)
        elif key in ("down", "tab", "up", "shift+tab"):
            step = 1 if key in ("down", "tab") else -1
            self._choice = (self._choice + step) % len(_SPANS[self._kind])
            self.show()
        elif key == "enter":
            self._finish()
        elif self._reason.press(key, character):
            self._lacks = False
            self.show()
        return True

    def paste(self, text: str) -> None:
        self._reason.insert(text)
        self.show()

    def _finish(self) -> None:
        why = " ".join(self._reason.text.split())
        if not why:
            self._lacks = True
            self.show()
            return
        until = None if self._span is None else self._now + self._span
        self.end((self._kind, why, until))
