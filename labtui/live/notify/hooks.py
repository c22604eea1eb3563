"""A hook: which causes it tells, and what it says of them, as data (JSON). Free of secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.config.redact import redacted
from labtui.config.schema import NotifyConfig
from labtui.findings.finding import SEVERITIES
from labtui.findings.telling import hit_by, severity_word
from labtui.live.history.told import Notice
from labtui.locale import _, ngettext
from labtui.model.events import put_together

FORM = 1
"""The version of what is sent; fields may be added without another one."""
_MOST_REMEDIES, _MOST_LINES = 5, 10


class CauseHook:
    """One `[[notify]]` of that lab."""

    def __init__(self, config: NotifyConfig, lab: str) -> None:
        self.name = config.name
        self._config = config
        self._lab = lab

    def wants(self, notice: Notice) -> bool:
        """Those that are as bad as configured. The end of those it told of, if that is wanted."""
        if notice.news == "over":
            return self._config.over
        least = SEVERITIES.index(self._config.severity)
        return SEVERITIES.index(notice.severity) <= least

    def record(self, notice: Notice) -> bytes:
        """What is told: stable ids, times in seconds since the epoch, words in our language."""
        says = put_together(notice.said, _)
        record: dict[str, Any] = {
            "form": FORM,
            "lab": self._lab,
            "news": notice.news,
            "id": notice.key,
            "severity": notice.severity,
            "says": says,
            "since": notice.since,
            "at": notice.at,
        }
        if notice.cause is not None:
            finding = notice.cause.finding
            record |= {
                "rule": finding.rule,
                "layer": finding.layer,
                "noun": finding.subject.noun,
                "name": finding.subject.name,
                "sure": finding.sure,
                "hits": hit_by(notice.cause.affected),
                "affected": msgspec.to_builtins(notice.cause.affected),
                "effects": notice.cause.size - 1,
                "remedies": [each.text.say() for each in finding.remedies[:_MOST_REMEDIES]],
            }
        return msgspec.json.encode(_redacted(record))


def _redacted(value: Any) -> Any:
    """Names come from outside, and people put passwords everywhere."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each) for each in value]
    return value


def title_of(record: dict[str, Any]) -> str:
    """`lsalab: CRITICAL`, `lsalab: over`."""
    word = {
        "over": _("over"),
        "worse": _("worse: {severity}").format(severity=severity_word(record["severity"])),
    }.get(record["news"], severity_word(record["severity"]))
    return f"{record['lab']}: {word}"


def text_of(record: dict[str, Any]) -> str:
    """What a person reads on a telephone."""
    if record["news"] == "several":
        shown = record["causes"][:_MOST_LINES]
        lines = [f"{title_of(each).partition(': ')[2]}  {each['says']}" for each in shown]
        if rest := record["count"] - len(shown):
            lines.append(_("and {n} more").format(n=rest))
        return "\n".join(lines)
    lines = [record["says"]]
    if record.get("hits"):
        lines.append(_("hits {names}").format(names=record["hits"]))
    if record.get("remedies"):
        lines.append(_("try: {remedy}").format(remedy=record["remedies"][0]))
    return "\n".join(lines)


def several(records: list[dict[str, Any]]) -> dict[str, Any]:
    """One record for many, for when there are too many to tell one by one."""
    told = [each["severity"] for each in records if each["news"] != "over"] or ["notice"]
    worst = min(told, key=lambda word: [*SEVERITIES].index(word))
    count = len(records)
    first = records[0]["says"]
    says = ngettext("{first}, and {n} more", "{first}, and {n} more", count - 1)
    return {
        "form": FORM,
        "lab": records[0]["lab"],
        "news": "several",
        "id": records[-1]["id"],
        "severity": worst,
        "says": says.format(first=first, n=count - 1),
        "count": count,
        "at": records[-1]["at"],
        "causes": records,
    }
