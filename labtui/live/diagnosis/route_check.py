"""Route checks of several routers at once; nobody is waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from labtui.live.diagnosis.at_once import as_answered
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.route_checks import RouteCheck, RouteQuestion

PATIENCE = 8.0
"""Seconds that a router has for its answer, connecting included."""
_AT_ONCE = 8


@runtime_checkable
class Checks(Protocol):
    """What a route check needs of a RouterOS source; raises `LabError`."""

    name: str

    async def check_route(self, question: RouteQuestion) -> RouteCheck: ...


def check_routes(
    sources: Iterable[object], questions: Sequence[RouteQuestion]
) -> AsyncIterator[RouteCheck]:
    """The answers as they come; whoever stops listening ends what is still asked."""
    routers = {each.name: each for each in sources if isinstance(each, Checks)}

    def ask(question: RouteQuestion) -> Awaitable[RouteCheck]:
        return _ask(routers.get(question.router), question)

    return as_answered(ask, questions, _AT_ONCE)


async def _ask(router: Checks | None, question: RouteQuestion) -> RouteCheck:
    """Its answer, or why there is none."""
    told = RouteCheck(question)
    if router is None:
        return msgspec.structs.replace(told, why=_("it is not in the configuration"))
    try:
        async with asyncio.timeout(PATIENCE):
            return await router.check_route(question)
    except TimeoutError:
        why = _("no answer in {seconds:.0f} s").format(seconds=PATIENCE)
    except LabError as error:
        why = error.why or error.what
    return msgspec.structs.replace(told, why=why)
