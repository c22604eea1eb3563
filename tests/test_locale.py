"""Every string a person sees is in the catalogue, translated, with the same placeholders."""

from __future__ import annotations

import string

import pytest
from babel.messages.catalog import Message

from labtui.locale import _, use_language
from labtui.locale.build import LANGUAGES, collected, compiled, merged, path_of

EVERY = pytest.mark.parametrize("language", LANGUAGES)


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@EVERY
def test_every_message_is_translated(language: str) -> None:
    lacking = [m.id for m in merged(language) if m.id and not all(texts(m))]
    assert lacking == []


@EVERY
def test_placeholders_are_the_same(language: str) -> None:
    wrong = [
        (message.id, text)
        for message in merged(language)
        if message.id
        for text in texts(message)
        if placeholders(text) != placeholders(ids(message)[-1])
    ]
    assert wrong == []


@EVERY
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    path = path_of(language)
    assert path.with_suffix(".mo").read_bytes() == compiled(merged(language)), "run `make locale`"


def test_messages_are_found_at_all() -> None:
    assert len(collected()) > 300


def test_a_language_is_used_and_left_again() -> None:
    use_language("zh_TW")
    translated = _("nodes")
    use_language("en")
    assert translated != "nodes"
    assert _("nodes") == "nodes"
