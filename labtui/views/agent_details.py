"""What the agent in a guest tells, as sections. Pure."""

from __future__ import annotations

import msgspec

from labtui.locale import _
from labtui.model.agent_words import GuestUser
from labtui.model.safeguards import AgentDisk, GuestNic
from labtui.views import emptiness
from labtui.views.figures import of, percent, share, span
from labtui.views.view import Cell, Role, Section

_BAD, _WARN = 0.95, 0.90


class AgentFacts(msgspec.Struct, frozen=True):
    """What came of asking an agent; a part that it refused is None."""

    host: str = ""
    system: dict[str, str] = {}
    nics: tuple[GuestNic, ...] | None = None
    users: tuple[GuestUser, ...] | None = None
    disks: tuple[AgentDisk, ...] | None = None


def sections(facts: AgentFacts, now: float) -> tuple[Section, ...]:
    """Its system, addresses and disks."""
    return (
        Section(_("Inside"), _system(facts, now)),
        addresses(facts.nics),
        disks(facts.disks, None),
    )


def _system(facts: AgentFacts, now: float) -> emptiness.Lines:
    told = facts.system
    name = told.get("pretty-name") or told.get("name", "")
    users = ", ".join(
        f"{user.name} ({span(now - user.since)})" if user.since is not None else user.name
        for user in facts.users or ()
    )
    if facts.users is not None and not facts.users:
        users = _("nobody")
    return (
        (_("host name"), Cell(facts.host)),
        (_("system"), Cell(name)),
        (_("kernel"), Cell(told.get("kernel-release", ""))),
        (_("logged in"), Cell(users)),
    )


def addresses(nics: tuple[GuestNic, ...] | None) -> Section:
    """The addresses by interface."""
    title = _("Addresses")
    if nics is None:
        return Section(title, (("", Cell(_("the agent does not tell"), "dim")),))
    lines = tuple(
        (
            nic.name,
            Cell("  ".join((*nic.addresses, nic.mac)).strip(), "" if nic.addresses else "dim"),
        )
        for nic in nics
    )
    return emptiness.section(title, lines)


def disks(found: tuple[AgentDisk, ...] | None, age: float | None) -> Section:
    """The file systems, with how full they are."""
    title = _("Disks inside")
    if found is None:
        return Section(title, (("", Cell(_("the agent does not tell"), "dim")),))
    lines = []
    for disk in found:
        used = share(disk.used, disk.size) or 0.0
        role: Role = "bad" if used >= _BAD else "warn" if used >= _WARN else ""
        text = f"{of(disk.used, disk.size)}  {percent(used)}  {disk.kind}"
        lines.append((disk.mount, Cell(text, role)))
    return emptiness.section(title, tuple(lines), age)
