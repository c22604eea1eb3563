"""Every string a person sees is in the catalogue, translated, with the same placeholders."""

from __future__ import annotations

import ast
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import labtui
from labtui.locale import _, use_language
from labtui.locale.build import LANGUAGES, compiled, merged, path_of

# Reading every string of the sources takes seconds.
catalogue = cache(merged)
EVERY = pytest.mark.parametrize("language", LANGUAGES)


def _each(text: object) -> list[str]:
    """The forms of a message: one, or one per number."""
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text or "")]


def texts(message: Message) -> list[str]:
    return _each(message.string)


def ids(message: Message) -> list[str]:
    return _each(message.id)


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@EVERY
def test_every_message_is_translated(language: str) -> None:
    lacking = [m.id for m in catalogue(language) if m.id and not all(texts(m))]
    assert lacking == []


@EVERY
def test_placeholders_are_the_same(language: str) -> None:
    wrong = [
        (message.id, text)
        for message in catalogue(language)
        if message.id
        for text in texts(message)
        if placeholders(text) != placeholders(ids(message)[-1])
    ]
    assert wrong == []


@EVERY
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    path = path_of(language)
    assert path.with_suffix(".mo").read_bytes() == compiled(catalogue(language)), (
        "run `make locale`"
    )


def test_no_message_hides_in_an_f_string() -> None:
    """Python 3.11 has f-strings as one token, so what is marked inside is not collected."""
    hidden = [
        f"{path.name}:{part.lineno}"
        for path in Path(labtui.__file__).parent.rglob("*.py")
        for whole in ast.walk(ast.parse(path.read_text()))
        if isinstance(whole, ast.JoinedStr)
        for part in ast.walk(whole)
        if isinstance(part, ast.Call) and getattr(part.func, "id", "") in ("_", "N_", "ngettext")
        if part.args and isinstance(part.args[0], ast.Constant)
    ]
    assert hidden == []


def test_messages_are_found_at_all() -> None:
    assert len(catalogue(LANGUAGES[0])) > 300


def test_a_language_is_used_and_left_again() -> None:
    use_language("zh_TW")
    translated = _("nodes")
    use_language("en")
    assert translated != "nodes"
    assert _("nodes") == "nodes"
