"""The main screen: top line, desk, jobs, notice, footer. Shows each snapshot, hands out keys.

What a command does is in `dispatch`, how an action goes in `errands`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen

from labtui.actions.action import Action
from labtui.locale import _
from labtui.ui.desk import Desk
from labtui.ui.escape import taken_apart
from labtui.ui.keys import Keymap, pressed, shown
from labtui.ui.link import LabLink
from labtui.ui.pace import Pace
from labtui.ui.panes.findings import FindingsPane
from labtui.ui.panes.freshness import topics_of
from labtui.ui.panes.pane import Pane
from labtui.ui.repaint import SparingCompositor
from labtui.ui.screens.drafting import Drafting
from labtui.ui.screens.late import LoadedLate
from labtui.ui.tidying import EVERY, Tidying
from labtui.ui.tiling import LEFT, RIGHT
from labtui.ui.widgets import topline
from labtui.ui.widgets.footer import Footer
from labtui.ui.widgets.grid import Grid
from labtui.ui.widgets.jobstrip import JobStrip
from labtui.ui.widgets.notice import Notice
from labtui.ui.widgets.topline import TopLine
from labtui.views.view import View

if TYPE_CHECKING:
    from labtui.ui.panes.details import Details
    from labtui.ui.screens.dialog import AnyOverlay

_ALWAYS = frozenset(("membership",))


class MainScreen(LoadedLate, Screen[None], inherit_bindings=False):
    """Everything but the dialogs. `current` is the id of the view that keys work on."""

    AUTO_FOCUS = ""
    # It never scrolls: another size lays it out anew by itself.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)

    def __init__(
        self,
        link: LabLink,
        views: Sequence[View[Any]],
        actions: Sequence[Action],
        keymap: Callable[[], Keymap],
        messages: tuple[str, ...] = (),
    ) -> None:
        super().__init__(id="main")
        self._compositor = SparingCompositor()
        self.link = link
        self.views = tuple(views)
        self.actions = actions
        self.make_keymap = keymap
        self.top = TopLine()
        self.desk = Desk(views, self._pane_of)
        self.strip = JobStrip()
        self.notice = Notice()
        self.footer = Footer()
        self.current = next((v.id for v in views if v.id in LEFT), views[0].id)
        # Whose rows in trouble are listed, with the sources that fail.
        listed = [view for view in views if view.id in (*LEFT, *RIGHT) and view.needs]
        self.watched = (*listed, *(view for view in views if view.noun == "feed"))
        self._pace = Pace(self._soon)
        self._tidying = Tidying()
        self.drafting = Drafting(self.desk, self._pace.ask)
        self._messages = messages
        self.overlay: AnyOverlay | None = None
        self._wished: frozenset[str] | None = None
        self._unsubscribe: Callable[[], object] = lambda: None

    def _pane_of(self, view: View[Any]) -> Pane:
        if view.id == "findings":
            return FindingsPane(view, self.link.triage, self.key_of)
        if view.id == "map":
            from labtui.ui.panes.map import MapPane

            return MapPane(view, lambda: self.link.probing, self.key_of)
        return Pane(view, self.key_of)

    def compose(self) -> ComposeResult:
        yield self.top
        yield self.desk
        yield self.strip
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self._unsubscribe = self.link.store.subscribe(lambda _snapshot: self._pace.ask())
        self.set_interval(1.0, self._pace.ask)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: the cursor into the first pane, then the lab."""
        self._tidying.begin()
        self.set_interval(EVERY, self._tidying.tidy)
        self.focus_current()
        if said := "  ".join(filter(None, (*self._messages, self.keymap.message))):
            self.notice.say(said, "warn")
        self.link.start()
        self.link.triage.subscribe(self._pace.ask)
        self.link.triage.start()
        # What says whether one can get in is not needed for the first frames.
        self.set_timer(0.5, self.errands.get_ready)
        self.paint()

    def _soon(self) -> None:
        # Through the message queue, so that it runs in the screen's own context.
        self.call_later(self.paint)

    def quit_app(self) -> None:
        """Leave, at once: nothing that hangs is waited for. Asked only while steps are driven."""
        if self.errands.jobs.quit():
            self.app.exit()

    def on_unmount(self) -> None:
        self._unsubscribe()
        self._pace.stop()
        self.drafting.close()

    @property
    def pane(self) -> Pane:
        """The pane that keys work on."""
        return self.desk.panes[self.current]

    @property
    def scrolled(self) -> Pane | Details:
        """What the arrow keys move in."""
        return self.desk.details or self.pane

    def focus_current(self) -> None:
        """Have keys work on the current pane, or on one in sight when it is not."""
        if self.current not in self.desk.shown_ids():
            self.current = self.desk.shown_ids()[0]
        self.desk.activate(self.current)
        self.paint()

    def open(self, overlay: AnyOverlay, then: Callable[[Any], None] | None = None) -> None:
        """Put an overlay above the panes; it has the keys until it ends, `then` its result."""
        if self.overlay is not None:
            return
        self.overlay = overlay
        overlay.then, overlay.leave, overlay.type = then, self.shut, self._press
        overlay.add_class("overlay")
        self.mount(overlay)
        # The mouse must not move cursors under it.
        self.desk.hear(mouse=False)
        self.call_after_refresh(self._begin_overlay, overlay)

    def _begin_overlay(self, overlay: AnyOverlay) -> None:
        # It may have been left already by keys that were typed ahead.
        if overlay is self.overlay:
            overlay.begin()

    def shut(self) -> None:
        """Take the overlay away."""
        if self.overlay is not None:
            self.overlay.remove()
            self.overlay = None
            self.desk.hear(mouse=True)
            self.focus_current()

    def paint(self) -> None:
        """Bring the screen up to date; what has not changed is not painted."""
        if not self.is_mounted or not self.size:
            return
        snapshot, now = self.link.store.snapshot, self.link.now()
        settled = not self.drafting.going_on(snapshot, now)
        self.desk.look(snapshot, now, settled=settled)
        if self.desk.details is not None and self.current == "findings":
            self.findings.follow()
        link, triage = self.link, self.link.triage
        if word := triage.word():
            self.notice.say(word, "warn")
        self.top.look(
            topline.facts(
                snapshot,
                now,
                topline.counted(triage.present, triage.fault),
                lab=link.lab,
                demo=link.demo,
                held=link.gate.held,
            )
        )
        self.strip.look(snapshot.jobs, now)
        self.hint()
        self._wish()

    def hint(self) -> None:
        """Show the keys of what is selected now."""
        if self.current in self.desk.panes:
            self.footer.look(self.filtering.hints() or self.errands.hints())

    def _wish(self) -> None:
        wished = self.desk.topics() | _ALWAYS
        if "findings" in self.desk.shown_ids():
            # They are made of all that the others show.
            wished = wished.union(*(topics_of(view) for view in self.watched))
        if wished != self._wished:
            self._wished = wished
            self.link.wish(wished)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.overlay is not None:
            self.overlay.paste(event.text)
        else:
            self.filtering.paste(event.text)

    def on_resize(self) -> None:
        self.call_after_refresh(self.paint)
        if self.overlay is not None:
            self.call_after_refresh(self.overlay.show)

    def on_grid_touched(self, event: Grid.Touched) -> None:
        event.stop()
        if event.view != self.current and not self.filtering.active:
            self.current = event.view
            self.focus_current()

    def on_top_line_worst_asked(self, event: TopLine.WorstAsked) -> None:
        event.stop()
        if self.overlay is None and not self.filtering.active:
            self.dispatch.run("trouble")

    def on_grid_moved(self, event: Grid.Moved) -> None:
        event.stop()
        self.hint()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.dispatch.run("details")

    def on_grid_sort_asked(self, event: Grid.SortAsked) -> None:
        event.stop()
        self.dispatch.sort_by(event.column)

    def on_key(self, event: events.Key) -> None:
        self._tidying.pressed()
        self._pace.pressed()
        key = pressed(event.key, event.character)
        parts = taken_apart(event.key, event.character)
        if parts and not self.keymap.command("main", key):
            taken = [self._press(*part) for part in parts][-1]
        else:
            taken = self._press(key, event.character)
        if taken:
            event.stop()
            event.prevent_default()

    def _press(self, key: str, character: str | None) -> bool:
        """Do what a key asks for; False when it means nothing here."""
        if key.startswith("ctrl+") and self.keymap.command("main", key) == "quit":
            if key != "ctrl+c" or (self.overlay is None and not self.filtering.active):
                self.quit_app()
                return True
            # Where something is being asked or typed, this leaves just that.
            key, character = "escape", None
        if self.current not in self.desk.panes:
            # Typed ahead, before there is anything to work on.
            return False
        if self.overlay is not None:
            return self.overlay.press(key, character)
        if self.filtering.key(key, character):
            return True
        command = self.keymap.command("main", key, self.pane.view.noun)
        if not command:
            self._unknown(key)
            return False
        self.notice.say("")
        self.pane.selection.hold()
        self.dispatch.run(command)
        return True

    def _unknown(self, key: str) -> None:
        """Say that a key does nothing; a key that is held says it once."""
        help_key, goto = self.keymap.key("help"), self.keymap.key("goto")
        if key.isdigit():
            text = _("{key} has no view; {goto} names them all").format(key=key, goto=goto)
        else:
            text = _("{key} does nothing here, {help} for help").format(
                key=shown(key), help=help_key
            )
        self.notice.say(text)
