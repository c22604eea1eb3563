"""The triage as Markdown, for a chat, a ticket or a mail. Names from outside are no markup."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from labtui.findings import Cause
from labtui.findings.telling import (
    asked,
    effects,
    hit_by,
    mark_text,
    severity_word,
    since_of,
    sure_word,
)
from labtui.locale import _
from labtui.model.spans import span

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_AT_BEGINNING = re.compile(r"^(\d+)([.)])|^([-+=])")
_MOST_EFFECTS = 8


def escaped(text: str) -> str:
    """The text as it stands: no emphasis, link, HTML or list comes of it."""
    plain = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    plain = _AT_BEGINNING.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", plain)
    # A word that begins with it calls people in many chats.
    return plain.replace("@", "&#64;")


def as_markdown(
    lab: str, found: Sequence[Cause], summaries: Sequence[tuple[str, str]], failures: Sequence[str],
    now: float,
) -> str:  # fmt: skip
    """A heading, the causes in order with whom they hit and what to do, the figures, the gaps."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    lines = [f"## {escaped(lab)}, {when}", ""]
    shown = [cause for cause in found if cause.severity != "notice"]
    if not shown:
        lines.extend((_("Nothing is wrong."), ""))
    for cause in shown:
        lines.extend((*_cause(cause, now), ""))
    lines.extend(f"- **{escaped(title)}**: {escaped(text)}" for title, text in summaries)
    if failures:
        lines.extend(("", "### " + _("Not read"), ""))
        lines.extend(f"- {escaped(line)}" for line in failures)
    return "\n".join(lines) + "\n"


def _cause(cause: Cause, now: float) -> list[str]:
    finding = cause.finding
    since = since_of(cause)
    more = [_("since {span}").format(span=span(now - since)) if since is not None else ""]
    more.append(sure_word(finding.sure))
    about = ", ".join(word for word in more if word)
    head = f"**{severity_word(cause.severity)}** {escaped(finding.words.say())}"
    lines = [f"{head} ({about})" if about else head]
    if cause.standing.mark is not None:
        return [*lines, f"- {escaped(mark_text(cause.standing.mark, now))}"]
    if hit := hit_by(cause.affected):
        lines.append("- " + escaped(_("hits {names}").format(names=hit)))
    if cause.affected.contacts:
        text = _("ask or tell: {names}").format(names=asked(cause.affected))
        lines.append("- " + escaped(text))
    follows = [each.words.say() for _depth, each in effects(cause)]
    if follows:
        lines.append("- " + _("follows from it:"))
    lines.extend(f"  - {escaped(text)}" for text in follows[:_MOST_EFFECTS])
    if (rest := len(follows) - _MOST_EFFECTS) > 0:
        lines.append("  - " + _("and {n} more").format(n=rest))
    if finding.remedies:
        lines.append(
            "- " + escaped(_("try: {remedy}").format(remedy=finding.remedies[0].text.say()))
        )
    return lines
