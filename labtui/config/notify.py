"""`[history]` and `[[notify]]`: how long what happened is kept, and whom the recorder tells."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from labtui.config.address import is_loopback, url_of
from labtui.config.mistakes import kind_of, shown
from labtui.config.schema import HistoryConfig, NotifyConfig, Tls
from labtui.config.table import Table
from labtui.config.trust import read_tls
from labtui.locale import _
from labtui.model.spans import seconds_of

Severity = Literal["critical", "warning", "notice"]
_SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "notice")
_SHORTEST, _LONGEST = 3600, 3650 * 86400
NOTIFY_KEYS = (
    *("name", "command", "webhook", "ntfy", "token", "tls", "ca_file", "fingerprint"),
    *("severity", "over", "timeout", "most"),
)
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_WAYS = ("command", "webhook", "ntfy")


def read_history(table: Table) -> HistoryConfig:
    """`[history]`: a span like `90d`; `0d` keeps nothing."""
    default = HistoryConfig()
    if not table.has("keep"):
        return default
    value = table.raw["keep"]
    seconds = seconds_of(value) if isinstance(value, str) else None
    if seconds == 0 or (seconds is not None and _SHORTEST <= seconds <= _LONGEST):
        return HistoryConfig(seconds)
    found = shown(value) if isinstance(value, str) else kind_of(value)
    table.note("keep", _("a span from 1h to 3650d, or 0d for nothing"), found)
    return default


def read_notify(table: Table) -> NotifyConfig | None:
    """`[[notify]]`: one of command, webhook, ntfy. None when it can't be used."""
    default = NotifyConfig("")
    name = table.text(
        "name", _("a name of letters, digits, . _ and -"), r"\w[\w.-]{0,63}", required=True
    )
    ways = [way for way in _WAYS if table.has(way)]
    if len(ways) != 1:
        found = ", ".join(ways) or _("nothing")
        table.mistakes.note(table.where, _("exactly one of command, webhook, ntfy"), found)
        return None
    command: tuple[str, ...] = ()
    url, tls = "", Tls("off")
    if ways == ["command"]:
        command = _command(table)
    else:
        url, tls = _url(table, ways[0])
    severity = table.choice("severity", _SEVERITIES)
    token = table.secret("token")
    if not (command or url):
        return None
    return NotifyConfig(
        name,
        command,
        url if ways == ["webhook"] else "",
        url if ways == ["ntfy"] else "",
        token,
        tls,
        next((known for known in _SEVERITIES if known == severity), default.severity),
        table.flag("over", default=default.over),
        table.number("timeout", 1, 120, default.timeout),
        table.number("most", 1, 100, default.most),
    )


def _command(table: Table) -> tuple[str, ...]:
    """The words of the command. A file that has one must not be open to writers."""
    table.mistakes.secrets.add("command")
    for key in ("token", "tls", "ca_file", "fingerprint"):
        if table.has(key):
            table.note(key, _("nothing, for a command goes to no server"), _("a value"))
    return tuple(
        text for _where, text in table.texts("command", _("a list of words: the program first"))
    )


def _url(table: Table, key: str) -> tuple[str, Tls]:
    """URL and trust. In the clear only to this machine, unless `tls = "off"` says it is meant."""
    text = table.text(key, _("a URL like https://ntfy.example.org/lab"))
    tls = read_tls(table, ("verify", "pin", "off"))
    if not text:
        return "", tls
    try:
        _plain, scheme, host = url_of(text)
    except ValueError as error:
        table.note(key, str(error), shown(text))
        return "", tls
    if scheme == "https" and tls.mode == "off":
        table.note("tls", _("not off, for the URL says https://"), '"off"')
    if scheme == "http":
        if tls.mode != "off" and not is_loopback(host):
            table.note(key, _("https:// (anybody in between could read it)"), shown(text))
        tls = Tls("off")
    topic = urlsplit(text).path.rstrip("/").rpartition("/")[2]
    if key == "ntfy" and not _TOPIC.fullmatch(topic):
        table.note(key, _("a topic at its end, of letters, digits, _ and -"), shown(text))
    return text, tls
