"""One command: arguments to configuration to the command that was asked for.

Every heavy import is inside the command that needs it, so that `labtui --version` costs nothing.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.cli.card_arguments import run_cards
from labtui.cli.demo_arguments import without_demo
from labtui.cli.exits import Exit, failed, of_output
from labtui.cli.options import parse
from labtui.config.schema import Config
from labtui.locale import _, use_language
from labtui.model.errors import LabError

if TYPE_CHECKING:
    from labtui.cli.log import Log


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Collecting after every 700 new objects costs a tenth of the start; most of them stay anyway.
    gc.set_threshold(50_000, 20, 20)
    # None at all until the first frame; from then on what the start made is left out of it.
    gc.disable()
    use_language(_language(words))
    options = parse(words)
    try:
        return _run(options)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            sys.stderr.write("\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough.
        sys.stderr.close()
        return Exit.DONE


def _language(words: Sequence[str]) -> str | None:
    """The language must be known before the help texts are made."""
    for index, word in enumerate(words):
        if word.startswith("--language="):
            return word.partition("=")[2]
        if word == "--language" and index + 1 < len(words):
            return words[index + 1]
    return None


def _run(options: argparse.Namespace) -> int:
    if options.command == "completion":
        from labtui.cli.completion import completion

        sys.stdout.write(completion(options.shell))
        return Exit.DONE
    if options.command == "demo":
        from labtui.cli.demo_play import play

        return play(options)
    if alone := without_demo(options):
        sys.stderr.write(_("labtui: {option} needs --demo\n").format(option=alone))
        return Exit.USAGE
    with ExitStack() as stack:
        path = _config_path(options, stack)
        if options.command == "report":
            from labtui.cli.report import report

            return report(path, options.output, with_snapshot=options.snapshot)
        config = _load(path)
        if config is None:
            # To a monitoring system 2 would be "critical".
            return Exit.BLOCKED if getattr(options, "plugin", False) else Exit.USAGE
        if config.ui.language and not options.language:
            use_language(config.ui.language)
        return _logged(options, config)


def _config_path(options: argparse.Namespace, stack: ExitStack) -> Path | None:
    if options.demo:
        from labtui.cli.demo import demo_lab

        return stack.enter_context(demo_lab(options))
    return Path(options.config) if options.config else None


def _load(path: Path | None) -> Config | None:
    """The configuration, or None after saying everything that is wrong with it."""
    from labtui.config.file import load
    from labtui.config.mistakes import ConfigError
    from labtui.config.paths import config_file

    try:
        return load(config_file(path))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return None


def _logged(options: argparse.Namespace, config: Config) -> int:
    """Run the command with its log; a fault of our own ends in it, and in two lines here."""
    from labtui.cli.crash import tell_crash
    from labtui.cli.log import logged

    with logged(config, debug=options.debug) as log:
        try:
            return _dispatch(options, config, log)
        except OSError as error:
            if of_output(error):
                raise
            return tell_crash(error, log)
        except LabError as error:
            return failed(error)
        except Exception as error:  # noqa: BLE001 - what is left is to tell of it without secrets
            return tell_crash(error, log)


def _reason(options: argparse.Namespace) -> str:
    return " ".join(options.reason)


def _deed(options: argparse.Namespace, config: Config) -> int:
    from labtui.cli.do import Wanted, do
    from labtui.cli.plans import terms_of

    wanted = Wanted(
        options.deed,
        tuple(options.guests),
        to=options.to,
        way=options.way,
        answers=tuple(options.set),
        terms=terms_of(options),
    )
    return do(config, wanted, read_only=options.read_only)


def _entry(options: argparse.Namespace, config: Config) -> int:
    from labtui.cli.getting_in import get_in

    return get_in(
        config,
        options.command,
        options.name,
        read_only=options.read_only,
        user=options.user,
        reason=options.reason,
    )


def _evacuation(options: argparse.Namespace, config: Config) -> int:
    from labtui.cli.plans import terms_of

    if options.command == "jobs":
        from labtui.cli.jobs import jobs

        return jobs(
            config,
            options.verb,
            options.id,
            terms=terms_of(options),
            read_only=options.read_only,
        )
    from labtui.cli.evacuate import Wanted, evacuate

    wanted = Wanted(
        options.node,
        to=options.to,
        stopped=options.include_stopped,
        unbroken=options.no_interruption,
        back=options.back,
        anew=options.anew,
        limit=options.limit,
        maintenance={None: "", True: "1", False: "0"}[options.maintenance],
        answers=tuple(options.set),
        terms=terms_of(options),
    )
    return evacuate(config, wanted, read_only=options.read_only)


def _history(options: argparse.Namespace, config: Config) -> int:
    if options.command == "record":
        from labtui.cli.record import record

        return record(config)
    from labtui.cli.events import events

    return events(
        config,
        since=options.since,
        before=options.before,
        about=options.object,
        most=options.most,
        output=options.output,
    )


def _migration(options: argparse.Namespace, config: Config) -> int:
    from labtui.cli.migrate import Wanted, migrate
    from labtui.cli.plans import terms_of

    wanted = Wanted(
        tuple(options.guests),
        to=options.to,
        answers=tuple(options.set),
        unbroken=options.no_interruption,
        terms=terms_of(options),
    )
    return migrate(config, wanted, read_only=options.read_only)


def _saved(options: argparse.Namespace, config: Config) -> int:
    if options.verb == "list":
        from labtui.cli.backups import backups

        return backups(config, output=options.output, none_only=options.none)
    from labtui.cli.do import Wanted, do
    from labtui.cli.plans import terms_of

    wanted = Wanted(
        "restore",
        (options.guest,),
        to=options.archive,
        way="over" if options.over else "",
        answers=tuple(options.set),
        terms=terms_of(options),
    )
    return do(config, wanted, read_only=options.read_only)


def _asked(options: argparse.Namespace, config: Config) -> int:
    from labtui.cli.asking import ask

    return ask(options, config)


_BY_COMMAND = {
    "migrate": _migration,
    "backups": _saved,
    "do": _deed,
    "ssh": _entry,
    "console": _entry,
    "evacuate": _evacuation,
    "jobs": _evacuation,
    **dict.fromkeys(
        ("drift", "allocate", "lookup", "link", "map", "route", "prefixes", "diagnose", "ping"),
        _asked,
    ),
    "events": _history,
    "record": _history,
    "cards": run_cards,
    "usage": run_cards,
}


def _dispatch(options: argparse.Namespace, config: Config, log: Log) -> int:
    if options.command:
        gc.enable()
    if (run := _BY_COMMAND.get(options.command or "")) is not None:
        return run(options, config)
    if options.command == "check":
        from labtui.cli.check import check

        return check(config, options.trust or "", sure=options.yes)
    if options.command == "status":
        from labtui.cli.status import status

        output = "json" if options.json else options.output
        return status(config, output=output, plugin=options.plugin)
    if options.command == "get":
        from labtui.cli.get import get

        return get(config, options.view, options.output, options.filter)
    if options.command == "audit":
        from labtui.cli.audit import audit

        return audit(config, options.since, output=options.output)
    if options.command in ("freeze", "thaw"):
        from labtui.cli.freeze import freeze, thaw

        return thaw(config) if options.command == "thaw" else freeze(config, _reason(options))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(_("labtui: the console needs a terminal; see 'labtui --help'\n"))
        return Exit.USAGE
    from labtui.cli.console import console

    return console(config, log, read_only=options.read_only)
