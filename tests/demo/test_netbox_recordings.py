"""The demo's NetBox asked what was recorded from the real one: same keys, same types."""

from __future__ import annotations

import json
from typing import Any

from tests.demo.netbox_server import DATA, Server, sample, serving

MEANT = {
    "custom_fields": "what an installation defines for itself",
    "prechange_data": "the log keeps the fields that clients may write, without the computed ones",
    "postchange_data": "the log keeps the fields that clients may write, without the computed ones",
    "installed_apps": "packages of the server; those that no client looks at are left out",
}
"""Keys below which the demo differs, with the reason."""

NOT_ASKED = {
    "bgp_sessions_list": "asked in the test of the plugin, which is off as it comes",
    "bgp_root": "asked in the test of the plugin, which is off as it comes",
    "plugins_installed": "asked in the test of the plugin, which is off as it comes",
    "status": "asked in the test of the plugin, which is off as it comes",
    "ip_addresses_by_vrf": "the VRF of the demo has another route distinguisher",
    "available_asns_get": "the second range is not in the demo's lab",
    "virtual_machines_changed_since": "the time lies before the lab",
    "journal_entries_list": "the journal begins empty; written and read in the test of changes",
    "object_changes_list": "the log begins empty; see above",
    "object_changes_of_vm": "the log begins empty; see above",
    "object_changes_of_cascade": "the log begins empty; see above",
}


def _asked() -> list[str]:
    found = []
    for file in sorted((DATA / "samples").glob("*.json")):
        exchange = json.loads(file.read_text())
        request, answer = exchange.get("request", {}), exchange["response"]
        good = request.get("method") == "GET" and answer["status"] == 200
        if good and "body" in answer and file.stem not in NOT_ASKED:
            found.append(file.stem)
    return found


def differences(recorded: Any, given: Any, place: str = "") -> list[str]:
    """Where keys or types differ; a null fits everything, of lists the first entry is looked at."""
    if place.rpartition(".")[2] in MEANT or recorded is None or given is None:
        return []
    if isinstance(recorded, dict) and isinstance(given, dict):
        lost = [f"{place}.{name} is missing" for name in sorted(recorded.keys() - given.keys())]
        more = [f"{place}.{name} is new" for name in sorted(given.keys() - recorded.keys())]
        both = [name for name in recorded if name in given]
        inner = [differences(recorded[name], given[name], f"{place}.{name}") for name in both]
        return lost + more + [each for part in inner for each in part]
    if isinstance(recorded, list) and isinstance(given, list):
        return differences(recorded[0], given[0], f"{place}[]") if recorded and given else []
    numbers = (int, float)
    if type(recorded) is type(given) or (type(recorded) in numbers and type(given) in numbers):
        return []
    return [f"{place}: {type(recorded).__name__} became {type(given).__name__}"]


async def _compare(server: Server, name: str) -> list[str]:
    exchange = sample(name)
    path = exchange["request"]["path"].removeprefix("/api/")
    answer = await server.ask("GET", path)
    if answer.status != 200:
        return [f"{name}: status {answer.status}"]
    return [f"{name}: {each}" for each in differences(exchange["response"]["body"], answer.body)]


async def test_answers_are_built_like_the_recorded_ones() -> None:
    names = _asked()
    assert len(names) > 40
    async with serving() as server:
        found = [line for name in names for line in await _compare(server, name)]
    assert found == []


async def test_the_plugin_is_built_like_the_recorded_one() -> None:
    async with serving(bgp_plugin=True) as server:
        for name in ("bgp_sessions_list", "bgp_root", "plugins_installed", "status"):
            assert await _compare(server, name) == []


async def test_without_the_plugin_its_pages_are_missing() -> None:
    async with serving() as server:
        for path in ("plugins/bgp/session/", "plugins/bgp/bgpsession/1/", "plugins/bgp/"):
            answer = await server.ask("GET", path)
            assert (answer.status, answer.headers["Content-Type"][:9]) == (404, "text/html")
        assert (await server.get("status/"))["plugins"] == {}


def test_what_differs_would_be_seen() -> None:
    assert differences({"a": 1}, {"a": "1"}) == [".a: int became str"]
    assert differences({"a": [{"b": 1}]}, {"a": [{}]}) == [".a[].b is missing"]
    assert differences({}, {"a": 1}) == [".a is new"]
    assert differences({"a": True}, {"a": 1}) == [".a: bool became int"]
    assert differences({"a": 1.5, "b": None}, {"a": 1, "b": {}}) == []
