"""Sending one record: to a command, a webhook, an ntfy topic. Blocks, each within its time.

Nothing is followed (redirects) and hardly anything read; a server that hangs or drips is cut off.
Proxies of the environment are not used. Raises `Unsent`.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from labtui import __version__
from labtui.config.schema import NotifyConfig
from labtui.config.tls import client_context
from labtui.live.notify.hooks import text_of, title_of
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.text import clean

_log = logging.getLogger(__name__)
_MOST_OUTPUT = 4000
_MOST_ANSWER = 4096
_MOST_BODY = 256 << 10
_WAIT = frozenset((408, 425, 429))
_PRIORITY = {"critical": 5, "warning": 4, "notice": 2}
_TAGS = {"critical": "rotating_light", "warning": "warning", "notice": "information_source"}
_OVER = 2


class Unsent(Exception):
    """It did not arrive, or nobody knows. `for_good`: trying again is in vain."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


def send(config: NotifyConfig, record: dict[str, Any]) -> None:
    """Tell it. Raises `Unsent`."""
    if config.command:
        _run(config.command, json.dumps(record, ensure_ascii=False).encode(), config.timeout)
        return
    try:
        token = config.token.reveal() if config.token is not None else ""
    except LabError as error:
        raise Unsent(str(error)) from None
    if config.ntfy:
        url, _slash, topic = config.ntfy.rstrip("/").rpartition("/")
        _post(config, url, ntfy_form(record, topic), token)
    else:
        _post(config, config.webhook, record, token)


def ntfy_form(record: dict[str, Any], topic: str) -> dict[str, Any]:
    """As ntfy takes it at its root, where texts may be of any language (docs.ntfy.sh/publish)."""
    over = record["news"] == "over"
    return {
        "topic": topic,
        "title": title_of(record),
        "message": text_of(record),
        "priority": _OVER if over else _PRIORITY[record["severity"]],
        "tags": ["white_check_mark" if over else _TAGS[record["severity"]]],
    }


def _run(words: tuple[str, ...], data: bytes, limit: float) -> None:
    """Run the command without a shell, the record on its input; what it prints goes to the log."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise Unsent(f"{words[0]}: {why}") from None
        try:
            process.communicate(data, timeout=limit)
        except subprocess.TimeoutExpired:
            raise Unsent(_("not done in {seconds:.0f} s").format(seconds=limit)) from None
        finally:
            _end(process)
            output.seek(0)
            if text := output.read(_MOST_OUTPUT).decode("utf-8", "replace").strip():
                _log.info("%s: %s", words[0], clean(text, _MOST_OUTPUT))
    if process.returncode:
        raise Unsent(_("it ended with {status}").format(status=process.returncode))


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and all that it has begun."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    process.wait()


def _post(config: NotifyConfig, url: str, content: dict[str, Any], token: str) -> None:
    import http.client

    parts = urlsplit(url)
    host = parts.hostname or ""
    body = json.dumps(content, ensure_ascii=False).encode()
    if len(body) > _MOST_BODY:
        raise Unsent(_("too long to send"), for_good=True)
    headers = {"Content-Type": "application/json", "User-Agent": f"labtui/{__version__}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection: http.client.HTTPConnection
    try:
        if parts.scheme == "https":
            context = client_context(config.tls)
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=config.timeout, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=config.timeout)
    except (LabError, OSError, ValueError) as error:
        raise Unsent(str(error)) from None
    cut = threading.Timer(config.timeout, _cut, (connection,))
    cut.daemon = True
    cut.start()
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        answer.read(_MOST_ANSWER)
        status = answer.status
    except TimeoutError:
        raise Unsent(_("no answer in {seconds:.0f} s").format(seconds=config.timeout)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Its text may quote what was sent or answered.
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Unsent(clean(str(why))) from None
    finally:
        cut.cancel()
        connection.close()
    if not 200 <= status < 300:
        text = _("answered {status}").format(status=status)
        raise Unsent(text, for_good=300 <= status < 500 and status not in _WAIT)


def _cut(connection: Any) -> None:
    """The whole has its limit too, however slowly the bytes come."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
