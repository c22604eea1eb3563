"""The console itself: the screen over the living lab."""

from __future__ import annotations

import sys
from pathlib import Path

from labtui.actions import ACTIONS
from labtui.cli.exits import Exit
from labtui.cli.reading import asker, quiet_logs
from labtui.config.paths import journal_folder, theme_folders
from labtui.config.schema import Config
from labtui.views import VIEWS


def console(config: Config, *, read_only: bool) -> int:
    """Run the console until its user leaves."""
    codes = asker(config)
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
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
        )
        app = LabtuiApp(
            lab,
            VIEWS,
            ACTIONS,
            themes=themes,
            theme=config.ui.theme,
            keys=config.keys,
            plain_glyphs=config.ui.ascii,
            complaints=tuple(mistake.sentence for mistake in mistakes),
        )
        app.run()
        return app.return_code or Exit.DONE
