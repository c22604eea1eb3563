"""The plan of a migration from the facts of its survey. Pure: choosing anew costs nothing."""

from __future__ import annotations

from labtui.actions.action import Call, Choice, Fact, Params, Plan
from labtui.actions.amounts import size
from labtui.actions.migration.answers import MigrationFacts, Target
from labtui.locale import _

GIB = float(1 << 30)
# Until moves have been measured: a 10 Gbit/s network without encryption overhead.
ASSUMED_SPEED = GIB
_MEMORY_FULL, _MEMORY_TIGHT = 1.0, 0.9


def draft(facts: MigrationFacts, choice: str, mode: str) -> Plan:
    """The plan to that node (empty: the best one) in that mode (empty: the natural one)."""
    guest = facts.guest
    modes = _modes(facts)
    taken = mode if mode in modes else modes[0]
    choices = tuple(sorted((_weigh(facts, target) for target in facts.targets), key=_preference))
    best = next((c for c in choices if not c.blockers), None)
    wanted = next((c for c in choices if c.id == choice), None) or best
    blockers = list(_blockers(facts))
    tied = bool(blockers)
    if wanted is None:
        blockers.append(_("no node can take it (see the others for why)"))
    elif wanted.blockers:
        blockers.extend(f"{wanted.id}: {reason}" for reason in wanted.blockers)
    target = wanted.id if wanted else ""
    return Plan(
        action="guest.migrate",
        subject=guest.key,
        title=_("Migrate {guest}").format(guest=guest.label)
        if tied
        else _("Migrate {guest}  {source} > {target}").format(
            guest=guest.label, source=guest.node, target=target or "?"
        ),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=target,
        choices=choices,
        facts=tuple(_fact_lines(facts, None if tied else wanted, taken)),
        calls=(_call(facts, target, taken),) if target else (),
        blockers=tuple(blockers),
        warnings=tuple(_warnings(facts, taken)) + (wanted.warnings if wanted else ()),
        estimate=_estimate(facts, taken),
        stands_on=(
            ("node", guest.node),
            ("status", facts.status),
        ),
    )


def _modes(facts: MigrationFacts) -> tuple[str, ...]:
    if not facts.running:
        return ("offline",)
    return ("live",) if facts.guest.kind == "qemu" else ("restart",)


def _preference(choice: Choice) -> tuple[bool, bool, float, str]:
    return (bool(choice.blockers), bool(choice.warnings), -choice.score, choice.id)


def _weigh(facts: MigrationFacts, target: Target) -> Choice:
    """One node: what speaks for it, what forbids it, what should be known."""
    node = target.node
    if not target.online:
        return Choice(node.name, (), (_("not online"),))
    blockers = list(target.forbidden)
    warnings: list[str] = []
    missing = () if target.bridges is None else sorted(facts.bridges - target.bridges)
    if missing:
        blockers.append(_("no bridge {names}").format(names=" ".join(missing)))
    # A storage that no node is seen to have is one that the account may not see.
    lacking = sorted((facts.storages & facts.known_storages) - target.storages)
    if lacking and not target.forbidden:
        blockers.append(_("no storage {names}").format(names=" ".join(lacking)))
    reasons: list[str] = []
    score = 0.5
    if node.memory is not None and node.memory_max:
        added = facts.guest.memory_max or 0 if facts.running else 0
        after = (node.memory + added) / node.memory_max
        reasons.append(_("{percent:.0f}% memory after").format(percent=after * 100))
        score = 1.0 - after
        if after > _MEMORY_FULL:
            blockers.append(_("not enough memory ({percent:.0f}%)").format(percent=after * 100))
        elif after > _MEMORY_TIGHT:
            warnings.append(
                _("memory of {node} gets tight ({percent:.0f}%)").format(
                    node=node.name, percent=after * 100
                )
            )
    if node.cpu is not None:
        reasons.append(_("{percent:.0f}% cpu").format(percent=node.cpu * 100))
        score -= 0.5 * node.cpu
    if target.cpu_model and facts.source_cpu and target.cpu_model != facts.source_cpu:
        warnings.append(
            _("cpu type is host and {node} has another processor").format(node=node.name)
        )
    return Choice(node.name, tuple(reasons), tuple(blockers), tuple(warnings), score)


def _blockers(facts: MigrationFacts) -> list[str]:
    """What speaks against moving this guest anywhere, each with what would remove it."""
    guest = facts.guest
    found = list(facts.standing.blockers)
    if facts.own_job:
        found.append(_("a job of this console works on it: wait until that ends"))
    if guest.lock:
        found.append(_("locked ({lock}): wait until that ends").format(lock=guest.lock))
    if facts.unasked and guest.kind == "qemu":
        found.append(_("the server's check failed: {why}").format(why=facts.unasked))
    return found + _pinned(facts)


def _pinned(facts: MigrationFacts) -> list[str]:
    """What ties the guest to its node: devices and media."""
    found = []
    if facts.local_resources:
        found.append(
            _("passed-through or local devices ({names}) tie it to {node}").format(
                names=", ".join(facts.local_resources), node=facts.guest.node
            )
        )
    if facts.running and facts.pinned_mappings:
        found.append(
            _("can't go live with {names}: shut it down first, then it moves offline").format(
                names=", ".join(facts.pinned_mappings)
            )
        )
    media = [disk.volume for disk in facts.local_disks if disk.cdrom and not disk.cloudinit]
    if media:
        found.append(
            _("a local CD image is in the drive ({names}): eject it").format(names=", ".join(media))
        )
    return found


def _moved_disks(facts: MigrationFacts) -> int:
    """Bytes of local disks that have to be copied."""
    return sum(disk.size for disk in facts.local_disks if not disk.cdrom)


def _warnings(facts: MigrationFacts, mode: str) -> list[str]:
    found = list(facts.standing.warnings)
    if mode == "restart":
        found.append(_("a container can't move live: it is shut down and started again"))
    if facts.unasked and facts.guest.kind == "lxc":
        found.append(_("not checked by the server: {why}").format(why=facts.unasked))
    return found


def _speed(facts: MigrationFacts) -> float:
    return facts.speed or ASSUMED_SPEED


def _estimate(facts: MigrationFacts, mode: str) -> float:
    """Seconds: what is copied at the speed of earlier moves, and the overhead.

    The recorded runs spend about five seconds before and after the transfer; HA adds its rounds.
    """
    overhead = 5.0 + (15.0 if facts.managed else 0.0) + (20.0 if mode == "restart" else 0.0)
    return overhead + _copied(facts, mode) / _speed(facts)


def _copied(facts: MigrationFacts, mode: str) -> float:
    """Bytes that have to go over: memory (live only) and local disks."""
    memory = (facts.guest.memory or facts.guest.memory_max or 0) if mode == "live" else 0
    return memory + _moved_disks(facts)


def _fact_lines(facts: MigrationFacts, wanted: Choice | None, mode: str) -> list[Fact]:
    guest = facts.guest
    where = ", ".join(
        _("{name} (shared)").format(name=name) if name in facts.shared_storages else name
        for name in sorted(facts.storages)
    )
    state = _("running") if facts.running else _("stopped")
    if guest.template:
        state = _("a template, off")
    now = _("{state}, {cores:g} cores, {memory}").format(
        state=state, cores=guest.cpus or 0, memory=size(guest.memory_max or 0)
    )
    if where:
        now += _(", disks on {storages}").format(storages=where)
    lines = [Fact(_("now"), now)]
    if wanted is not None:
        lines.append(Fact(_("target"), "  ".join((wanted.id, *wanted.reasons))))
        lines.append(Fact(_("takes"), _takes(facts, mode)))
    if copied := _moved_disks(facts):
        lines.append(Fact(_("copies"), _("{size} of local disks").format(size=size(copied))))
    if facts.managed:
        note = _("{vmid} is managed by HA: the manager will carry it out").format(vmid=guest.vmid)
        lines.append(Fact(_("note"), note))
    lines.extend(Fact(_("note"), note) for note in facts.standing.notes)
    return lines


def _takes(facts: MigrationFacts, mode: str) -> str:
    seconds, copied = _estimate(facts, mode), _copied(facts, mode)
    if not copied:
        return _("about {seconds:.0f} s (nothing has to be copied)").format(seconds=seconds)
    source = (
        _("from the last {n} moves").format(n=facts.moves_measured)
        if facts.speed
        else _("no move measured yet")
    )
    return _("about {seconds:.0f} s ({copied} at {speed}/s, {source})").format(
        seconds=seconds, copied=size(copied), speed=size(_speed(facts)), source=source
    )


def _call(facts: MigrationFacts, target: str, mode: str) -> Call:
    guest = facts.guest
    params: list[tuple[str, str | int]] = [("target", target)]
    if mode == "live":
        params.append(("online", 1))
        # The HA manager sets it itself and drops ours.
        if _moved_disks(facts) and not facts.managed:
            params.append(("with-local-disks", 1))
    if mode == "restart":
        params.append(("restart", 1))
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/migrate"
    frozen: Params = tuple(params)
    return Call(guest.cluster, "POST", path, frozen)
