"""The answers that are no records: root, status, the user, OPTIONS, and the 404 page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from labtui.demo.netbox.render import user_id
from labtui.demo.netbox.schema import Field, Model

FULL_VERSION = "4.6.8"
_APPS = ("circuits", "core", "dcim", "extras", "ipam", "plugins", "status", "tenancy")
_MORE_APPS = ("users", "virtualization", "vpn", "wireless")
_BGP = (
    *("aspath-list", "aspath-list-rule", "bgppeergroup", "bgpsession", "community"),
    *("community-list", "community-list-rule", "peer-group", "prefix-list", "prefix-list-rule"),
    *("routing-policy", "routing-policy-rule", "session"),
)
_KINDS = {"flag": "boolean", "integer": "integer", "decimal": "decimal", "text": "string"}


def root(base: str) -> dict[str, str]:
    """The entry points under `/api/`."""
    return {name: f"{base}/api/{name}/" for name in (*_APPS, *_MORE_APPS)}


def server_status(plugins: Mapping[str, str], version: str = FULL_VERSION) -> dict[str, Any]:
    """`/api/status/`; `plugins` are packages with their versions (as recorded)."""
    return {
        "django-version": "6.0.8",
        "hostname": "netbox",
        "installed_apps": {
            "django_filters": "26.1",
            "django_rq": "4.1.1",
            **plugins,
            "rest_framework": "3.17.1",
        },
        "netbox-version": version,
        "netbox-full-version": version,
        "plugins": dict(plugins),
        "python-version": "3.12.1",
        "rq-workers-running": 0,
    }


def installed_plugins(plugins: Mapping[str, str]) -> list[dict[str, str]]:
    """`/api/plugins/installed-plugins/` (as recorded for netbox-bgp)."""
    return [
        {
            "name": package.removeprefix("netbox_").upper(),
            "package": package,
            "author": "Nikolay Yuzefovich",
            "author_email": "",
            "description": "Subsystem for tracking bgp related objects",
            "version": version,
            "release_track": "",
        }
        for package, version in plugins.items()
    ]


def bgp_root(base: str) -> dict[str, str]:
    """The entry points of netbox-bgp."""
    return {name: f"{base}/api/plugins/bgp/{name}/" for name in _BGP}


def user(base: str, name: str = "admin") -> dict[str, Any]:
    """`/api/authentication-check/`: whose token it is."""
    number = user_id(name)
    return {
        "id": number,
        "url": f"{base}/api/users/users/{number}/",
        "display_url": f"{base}/users/users/{number}/",
        "display": name,
        "username": name,
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_active": True,
        "date_joined": "2026-01-01T00:00:00Z",
        "last_login": None,
        "groups": [],
        "permissions": [],
    }


def options(model: Model, title: str, verbs: tuple[str, ...] = ("POST",)) -> dict[str, Any]:
    """What an OPTIONS request tells: the fields a write takes, with their choices.

    `verbs` are those that the token may use there; without one the part is missing.
    """
    fields = {} if model.read_only else {field.name: _option(field) for field in model.stored}
    actions = {verb: fields for verb in verbs if fields}
    return {"name": title, **({"actions": actions} if actions else {})}


def _option(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": _KINDS.get(field.kind, "field"),
        "required": field.required,
        "read_only": False,
        "label": field.name.replace("_", " ").capitalize(),
    }
    if field.longest:
        found["max_length"] = field.longest
    if field.kind == "integer" and field.low is not None:
        found["min_value"] = field.low
    if field.kind == "integer" and field.high is not None:
        found["max_value"] = field.high
    if field.choices:
        found["choices"] = [
            {"value": value, "display_name": label} for value, label in field.choices
        ]
    return found


def not_found_page() -> web.Response:
    """The page for addresses that nothing answers; HTML even under `/api/`."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en" data-netbox-version="{FULL_VERSION}">\n'
        "  <head><title>Page Not Found | NetBox</title></head>\n"
        "  <body><h2>Page Not Found</h2></body>\n</html>\n"
    )
    return web.Response(status=404, text=page, content_type="text/html")
