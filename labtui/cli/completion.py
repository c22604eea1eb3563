"""Completion scripts for bash, zsh and fish, made from the parser and the register of views."""

from __future__ import annotations

import argparse

from labtui.cli.arguments import OUTPUTS, parser
from labtui.cli.demo_arguments import DEMO_COMMANDS


def completion(shell: str) -> str:
    """The script for that shell."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _words() -> tuple[list[str], dict[str, list[str]]]:
    """Top-level options and commands, and each command's options and fixed words."""
    from labtui.cli.findings import FINDINGS
    from labtui.views import VIEWS

    top = parser()
    subcommands = next(
        action
        for action in top._actions  # noqa: SLF001 - argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    )
    commands = {name: _options(sub) for name, sub in subcommands.choices.items()}
    commands["get"] += [*(view.id for view in VIEWS), FINDINGS, *OUTPUTS]
    commands["demo"] += list(DEMO_COMMANDS)
    return [*_options(top), *commands], commands


def _options(command: argparse.ArgumentParser) -> list[str]:
    """Its long options, then the words that stand where no option does."""
    actions = command._actions  # noqa: SLF001
    options = sorted(
        option for action in actions for option in action.option_strings if option.startswith("--")
    )
    words = [
        str(word)
        for action in actions
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        for word in action.choices or ()
    ]
    return options + words


def _bash() -> str:
    top, commands = _words()
    cases = "\n".join(
        f'    {name}) words="{" ".join(words)}" ;;' for name, words in commands.items()
    )
    return f"""# bash completion for labtui
_labtui() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local word words="{" ".join(top)}"
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in
{cases}
    esac
  done
  if [ "$before" = --config ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}}
complete -F _labtui labtui
"""


def _zsh() -> str:
    return "#compdef labtui\nautoload -U bashcompinit && bashcompinit\n" + _bash()


def _fish() -> str:
    top, commands = _words()
    names = " ".join(commands)
    lines = ["# fish completion for labtui", "complete -c labtui -f"]
    for word in top:
        condition = f"not __fish_seen_subcommand_from {names}"
        flag = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
        lines.append(f"complete -c labtui -n '{condition}' {flag}")
    for name, words in commands.items():
        for word in words:
            flag = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
            lines.append(f"complete -c labtui -n '__fish_seen_subcommand_from {name}' {flag}")
    return "\n".join(lines) + "\n"
