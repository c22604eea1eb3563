"""Rows that mean harm or nothing: harmless texts, complaints and errors of the model, no more."""

from __future__ import annotations

import asyncio

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labtui.model.errors import LabError
from labtui.sources.routeros import bgp, read
from labtui.sources.routeros.source import RouterSource
from tests.sources.routeros.fake import (
    Script,
    Sentence,
    Session,
    menus,
    running,
    tag_of,
    words_of,
)
from tests.sources.routeros.scenes import read_feed


async def test_hostile_text_is_harmless_in_the_model() -> None:
    hostile = "[red]\x1b[2J\u202e\x07[/]\nline"
    peer = {
        "interface": hostile,
        "public-key": hostile,
        "name": hostile,
        "comment": hostile,
        "allowed-address": hostile,
        "endpoint-address": hostile,
        "endpoint-port": "1",
        "current-endpoint-address": hostile,
    }
    connection = {
        "name": hostile,
        "remote.address": hostile,
        ".about": hostile,
        "local.role": hostile,
        "local.address": hostile,
        "comment": hostile,
    }
    session = {
        "name": hostile,
        "remote.address": hostile,
        "last-stopped": hostile,
        "input.last-notification": hostile,
    }
    script = menus(
        system__identity=[{"name": hostile}],
        system__resource=[{"version": hostile, "board-name": hostile, "uptime": hostile}],
        ip__address=[{"interface": hostile, "address": hostile}],
        interface__wireguard=[
            {"name": hostile, "public-key": hostile, "mtu": hostile},
            {"name": hostile, "comment": hostile},
        ],
        interface__wireguard__peers=[peer],
        routing__bgp__connection=[connection],
        routing__bgp__session=[session, {"name": hostile, "prefix-count": hostile}],
    )
    async with running(script) as router:
        source = RouterSource(router.config())
        for topic in ("facts", "wireguard", "bgp"):
            reading = await read_feed(source, topic)
            texts = _texts(msgspec.to_builtins(reading))
            assert any("[red]" in text for text in texts)
            assert all(text.isprintable() for text in texts)
        await source.close()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return []


FIELDS = sorted(
    {*read.RESOURCE, *read.ADDRESS6, *read.WIREGUARD, *read.PEER, *bgp.CONNECTION, *bgp.SESSION}
)
VALUES = st.text(max_size=12) | st.sampled_from(
    ["", "1", "true", "no", "5s", "10.0.0.1/24", "a,b", "99999999999999999999", "-1", "ff" * 19]
)
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_arbitrary_rows_are_read_or_raise_a_lab_error(rows: list[dict[str, str]]) -> None:
    asyncio.run(_scene(_everywhere(rows)))


def _everywhere(rows: list[dict[str, str]]) -> Script:
    async def script(session: Session, sentence: Sentence) -> None:
        for row in rows:
            words = [word.encode("utf-8", "replace") for word in words_of(row)]
            await session.send("!re", *words, tag_of(sentence))
        await session.send("!done", tag_of(sentence))

    return script


async def _scene(script: Script) -> None:
    async with running(script) as router:
        source = RouterSource(router.config())
        try:
            for topic in ("facts", "wireguard", "bgp"):
                try:
                    reading = await read_feed(source, topic)
                except LabError as error:
                    assert error.problem.sentence.isprintable()
                else:
                    msgspec.json.encode(reading)
                    assert all(text.isprintable() for text in _texts(msgspec.to_builtins(reading)))
        finally:
            await source.close()


FIELDS6 = sorted({*bgp.PEER6})


@given(st.dictionaries(st.sampled_from(sorted({*FIELDS, *FIELDS6})), VALUES, max_size=12))
def test_a_row_is_read_or_is_no_value(row: dict[str, str]) -> None:
    named = row | {"name": "a", "interface": "b", "public-key": "c", "address": "d"}
    for parse in (
        read.address,
        lambda row: read.interface("r", row),
        lambda row: read.peer("r", row, 1e9),
        lambda row: bgp.connection("r", row, {}),
        lambda row: bgp.session("r", row, 1e9),
        lambda row: bgp.peer6("r", row, 1e9),
    ):
        for tried in (row, named):
            try:
                msgspec.json.encode(parse(tried))
            except ValueError as error:
                assert str(error)
