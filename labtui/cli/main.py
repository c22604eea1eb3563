"""The entry point: arguments to configuration to the command that was asked for.

Every heavy import is inside the command that needs it, so that `labtui --version` costs nothing.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from labtui.cli.arguments import parser
from labtui.cli.exits import Exit
from labtui.config.schema import Config
from labtui.locale import _, use_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Collecting after every 700 new objects costs a tenth of the start; most of them stay anyway.
    gc.set_threshold(50_000, 20, 20)
    use_language(_language(words))
    options = parser().parse_args(words)
    try:
        return _run(options)
    except KeyboardInterrupt:
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
    with ExitStack() as stack:
        path = _config_path(options, stack)
        config = _load(path)
        if config is None:
            return Exit.USAGE
        if config.ui.language and not options.language:
            use_language(config.ui.language)
        return _dispatch(options, config)


def _config_path(options: argparse.Namespace, stack: ExitStack) -> Path | None:
    if options.demo:
        from labtui.cli.demo import demo_lab

        return stack.enter_context(demo_lab(options.demo_guests, options.demo_speed))
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


def _dispatch(options: argparse.Namespace, config: Config) -> int:
    if options.command == "check":
        from labtui.cli.check import check

        return check(config, options.trust or "", sure=options.yes)
    if options.command == "status":
        from labtui.cli.status import status

        return status(config, as_json=options.json)
    if options.command == "get":
        from labtui.cli.get import get

        return get(config, options.view, options.output, options.filter)
    if options.command == "migrate":
        from labtui.cli.migrate import migrate

        return migrate(
            config,
            options.guest,
            target=options.to,
            dry_run=options.dry_run,
            sure=options.yes,
            read_only=options.read_only,
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(_("labtui: the console needs a terminal; see 'labtui --help'\n"))
        return Exit.USAGE
    from labtui.cli.console import console

    return console(config, read_only=options.read_only)
