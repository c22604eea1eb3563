"""What a shell line says: words, redirections, and what joins one command to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

_OPERATORS = ("&&", "||", ";", "|", "&", "\n")
# The longer one first where one begins like another.
_REDIRECTIONS = ("2>&1", "1>&2", ">&2", "2>>", "2>", "1>>", "1>", "&>>", "&>", ">>", ">", "<")
_SPACE = " \t\r"


class ShellError(Exception):
    """A line that bash would not take; the text is bash's."""


@dataclass
class Step:
    """One command. `joint` is what stands before it: `;`, `&&`, `||` or `|`."""

    joint: str
    words: list[str] = field(default_factory=list)
    out: str = ""
    """Where its output goes: a path, or empty for on."""

    err: str = ""
    """Where its errors go: a path, `&1`, or empty for on."""


def parse(line: str) -> list[Step]:
    """The commands of a line. Raises `ShellError`."""
    steps: list[Step] = []
    current = Step(";")
    tokens = _tokens(line)
    while tokens:
        text, bare = tokens.pop(0)
        if bare and text in _OPERATORS:
            if not current.words and text not in (";", "\n"):
                raise ShellError(f"syntax error near unexpected token `{text}'")
            if current.words:
                steps.append(current)
            current = Step(";" if text in ("\n", "&") else text)
        elif bare:
            _redirect(current, text, tokens)
        else:
            current.words.append(text)
    if current.words:
        steps.append(current)
    elif current.joint in ("&&", "||", "|"):
        raise ShellError("syntax error: unexpected end of file")
    return steps


def _redirect(step: Step, text: str, tokens: list[tuple[str, bool]]) -> None:
    target = ""
    if text.endswith(("&1", "&2")):
        target = text[-2:]
    elif not tokens or (tokens[0][1] and tokens[0][0] in _OPERATORS):
        found = tokens[0][0] if tokens and tokens[0][0] != "\n" else "newline"
        raise ShellError(f"syntax error near unexpected token `{found}'")
    else:
        target = tokens.pop(0)[0]
    if text.startswith("<"):
        return
    if text.startswith("2>"):
        step.err = target
    elif text.startswith("&>"):
        step.out, step.err = target, "&1"
    else:
        step.out = target


def _tokens(line: str) -> list[tuple[str, bool]]:
    """Words and operators; the flag says that nothing of it was quoted."""
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(line):
        char = line[at]
        if char in _SPACE:
            at += 1
        elif char == "#":
            end = line.find("\n", at)
            at = len(line) if end < 0 else end
        elif operator := _operator(line, at):
            found.append((operator, True))
            at += len(operator)
        else:
            word, at = _word(line, at)
            found.append((word, False))
    return found


def _operator(line: str, at: int) -> str:
    return next((each for each in (*_REDIRECTIONS, *_OPERATORS) if line.startswith(each, at)), "")


def _word(line: str, at: int) -> tuple[str, int]:
    """The word that begins there and where it ends; quotes and backslashes are taken off."""
    word: list[str] = []
    while at < len(line):
        char = line[at]
        if char == "\\":
            word.append(line[at + 1 : at + 2])
            at += 2
        elif char in "'\"":
            part, at = _quoted(line, at)
            word.append(part)
        elif char in _SPACE or char in ";&|\n<>":
            break
        else:
            word.append(char)
            at += 1
    return "".join(word), at


def _quoted(line: str, at: int) -> tuple[str, int]:
    quote, start = line[at], at + 1
    found: list[str] = []
    while start < len(line) and line[start] != quote:
        if quote == '"' and line[start] == "\\" and line[start + 1 : start + 2] in ('"', "\\", "$"):
            start += 1
        found.append(line[start])
        start += 1
    if start >= len(line):
        raise ShellError(f"unexpected EOF while looking for matching `{quote}'")
    return "".join(found), start + 1
