"""The key that copies where an object is shown: its page in Proxmox VE, its record in NetBox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.ui.candidates import Candidate, Target

if TYPE_CHECKING:
    from labtui.live.entry.pages import Page
    from labtui.ui.screens.main import MainScreen


def copy_page(screen: MainScreen) -> None:
    """Copy the page of what is selected; ask which, where it has several.

    The terminal's own clipboard (OSC 52), for this console may run on another machine.
    """
    pane = screen.pane
    if pane.selection.row is None:
        screen.notice.say(_("nothing is selected"))
        return
    found = screen.link.entry.pages(pane.view.noun, pane.selection.key)
    if not found:
        screen.notice.say(_("it has no page in Proxmox VE, and none in NetBox is known"), "warn")
    elif len(found) == 1:
        _copy(screen, found[0])
    else:
        _choose(screen, found)


def _copy(screen: MainScreen, page: Page) -> None:
    screen.app.copy_to_clipboard(page.url)
    text = _("copied, its page in {server}: {url}")
    screen.notice.say(text.format(server=page.said, url=page.url), "good")


def _choose(screen: MainScreen, found: tuple[Page, ...]) -> None:
    from labtui.ui.screens.finder import Finder

    entries = [
        Candidate(f"{page.said}  {page.name}", page.url, Target("object", "page", str(number)))
        for number, page in enumerate(found)
    ]

    def chosen(candidate: Candidate | None) -> None:
        if candidate is not None:
            _copy(screen, found[int(candidate.target.key)])

    screen.open(Finder(_("its page"), "o", entries, ""), chosen)
