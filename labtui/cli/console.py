"""The console itself: the screen over the living lab."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.actions import ACTIONS
from labtui.cli.crash import tell_crash
from labtui.cli.exits import Exit
from labtui.cli.log import Log
from labtui.cli.reading import asker, quiet_logs
from labtui.config.paths import journal_folder, theme_folders
from labtui.config.schema import Config
from labtui.live.cache import Cache, open_cache
from labtui.live.history.keeper import Keeper
from labtui.live.history.opening import open_history
from labtui.live.upkeep import upkeep_of
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.views import VIEWS

if TYPE_CHECKING:
    from labtui.ui.app import LabtuiApp


def console(config: Config, log: Log, *, read_only: bool) -> int:
    """Run the console until its user leaves."""
    codes = asker(config)
    # Read while the screen's library is loaded.
    cache, *words = open_cache(config)
    history, *more = open_history(config)
    words.extend(more)
    journal = _journal(config, words)
    if journal is not None:
        words.extend(interrupted_words(journal.parent / "evacuations"))
    # The screen's thread shares the interpreter with those that decode answers: let it in sooner.
    sys.setswitchinterval(0.001)
    with quiet_logs():
        from labtui.config.theme import load_themes
        from labtui.live.lab import LiveLab
        from labtui.ui.app import LabtuiApp

        themes, mistakes = load_themes(theme_folders(Path(config.path)))
        lab = LiveLab(
            config,
            ACTIONS,
            read_only=read_only,
            journal=journal,
            codes=codes,
            beside=tuple(filter(None, (cache, upkeep_of(config, journal=journal, log=log.path)))),
            history=history,
        )
        if cache is not None:
            words.append(cache.restore(lab.store))
        app = LabtuiApp(
            lab,
            VIEWS,
            ACTIONS,
            themes=themes,
            theme=config.ui.theme,
            keys=config.keys,
            plain_glyphs=config.ui.ascii,
            complaints=(
                *(mistake.sentence for mistake in mistakes),
                *filter(None, (*words, log.words)),
            ),
        )
        return _ran(app, log, cache, history)


def _ran(app: LabtuiApp, log: Log, cache: Cache | None, history: Keeper | None) -> int:
    """Run the app to its end; what is written meanwhile is not waited for long."""
    crashes: list[BaseException] = []
    app.on_crash = crashes.append
    app.run()
    if cache is not None:
        cache.finish()
    if history is not None:
        history.finish()
    if crashes:
        return tell_crash(crashes[0], log)
    return app.return_code or Exit.DONE


def interrupted_words(folder: Path) -> list[str]:
    """What an earlier console was doing when it was cut off, with how to go on."""
    if not folder.is_dir():
        return []
    from labtui.actions.book_words import far_text, onward_text
    from labtui.live.steps import interrupted_in

    text = _("interrupted: {title}, {far}; {can}: R in the jobs pane, or `labtui jobs resume {id}`")
    return [
        text.format(title=r.header.title, far=far_text(r), can=onward_text(r), id=r.id)
        for r in interrupted_in(folder)
    ]


def _journal(config: Config, words: list[str]) -> Path | None:
    """Where jobs are written down; nowhere for a demo lab. What is wrong with it is added."""
    if config.demo:
        return None
    try:
        return journal_folder(config.lab) / "journal.jsonl"
    except LabError as error:
        words.append(_("no journal: {why}").format(why=error))
        return None
