"""Finding a demo lab that runs on another terminal, and talking to its control listener."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labtui.locale import _

_TIMEOUT = 30.0


class DemoError(Exception):
    """Why a demo lab could not be asked, or what it refused, as a sentence for the person."""


def _folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "labtui-demo"
    return Path(tempfile.gettempdir()) / f"labtui-demo-{os.getuid()}"


def running_demos() -> dict[int, dict[str, Any]]:
    """The labs of this person that run, by the number of their process."""
    folder = _folder()
    try:
        if folder.lstat().st_uid != os.getuid():
            return {}
        paths = sorted(folder.glob("*.json"))
    except OSError:
        return {}
    found: dict[int, dict[str, Any]] = {}
    for path in paths:
        try:
            told = json.loads(path.read_text("utf-8"))
            number = int(told["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if _lives(number):
            found[number] = told
        else:
            path.unlink(missing_ok=True)
    return found


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def chosen_demo(number: int | None) -> dict[str, Any]:
    """The lab that is meant. Raises DemoError when there is none, or more than one."""
    found = running_demos()
    if number is not None:
        if number not in found:
            raise DemoError(_("no demo lab runs as process {number}").format(number=number))
        return found[number]
    if not found:
        raise DemoError(_("no demo lab is running; `labtui --demo` starts one"))
    if len(found) > 1:
        numbers = ", ".join(str(each) for each in found)
        raise DemoError(
            _("several demo labs are running; choose one with --demo-id: {numbers}").format(
                numbers=numbers
            )
        )
    return next(iter(found.values()))


def ask(told: dict[str, Any], path: str, body: object = None) -> Any:
    """One request to the control listener of a lab. Raises DemoError."""
    place = urlsplit(str(told["url"]))
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 0, timeout=_TIMEOUT)
    try:
        connection.request(
            "GET" if body is None else "POST",
            path,
            None if body is None else json.dumps(body),
            {"Authorization": f"Bearer {told['token']}"},
        )
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DemoError(_("the demo lab does not answer: {why}").format(why=error)) from None
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise DemoError(str(answer.get("error", answer)))
    return answer
