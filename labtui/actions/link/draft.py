"""The plan of a new link: every sentence for both routers, what NetBox gives and keeps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labtui.actions.action import Call, Fact, Input, Plan
from labtui.actions.link import design as designing
from labtui.actions.link.design import deeds, design_of, pair_of
from labtui.actions.link.end import End
from labtui.actions.link.facts import LinkFacts
from labtui.actions.link.sentences import Design
from labtui.actions.overlay.desk import SAFE, sentence
from labtui.locale import _


def draft(facts: LinkFacts, choice: str, mode: str) -> Plan:
    """The plan; the ends and what they go through are inputs."""
    del choice, mode
    if facts.cut is not None:
        from labtui.actions.overlay.resume import draft as taken_up

        return taken_up(facts.cut, facts.read_at, _blockers_of(facts, pair_of(facts)))
    design = design_of(facts)
    names = pair_of(facts)
    told = tuple(_facts(facts, design)) if design else ()
    return Plan(
        action="link.new",
        subject=",".join(names),
        title=_("Link {a} = {b}").format(a=names[0], b=names[1]),
        made_at=facts.read_at,
        facts=told,
        calls=calls_of(facts, design) if design else (),
        blockers=tuple(_blockers(facts, design)),
        warnings=tuple(_warnings(facts, design)) if design else (),
        estimate=60.0,
        inputs=tuple(_inputs(facts, design)),
        stands_on=(("job", facts.id),),
    )


def calls_of(facts: LinkFacts, design: Design) -> tuple[Call, ...]:
    """Every call, safe mode around those of the routers that have it."""
    held = [side.end.name for side in design.sides if side.end.safe_mode]
    found = [deed.call for deed in deeds(facts, design)]
    take = [sentence(name, f"{SAFE}/take") for name in held]
    return (*take, *found, *(sentence(name, f"{SAFE}/release") for name in held))


def _blockers_of(facts: LinkFacts, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for name in names for text in facts.blockers.get(name, ()))


def _blockers(facts: LinkFacts, design: Design | None) -> Iterator[str]:
    names = pair_of(facts)
    yield from _blockers_of(facts, dict.fromkeys(names))
    for name in dict.fromkeys(names):
        if name in facts.silent and not facts.blockers.get(name):
            yield _("{router} can't be asked ({why}): try again").format(
                router=name, why=facts.silent[name]
            )
    if names[0] == names[1]:
        yield _("a link has two ends: choose another router")
    old = [facts.ends[n] for n in names if n in facts.ends and not facts.ends[n].tunnels]
    for end in old:
        text = _(
            "{router} has RouterOS {version}: WireGuard came with 7.1, so upgrade it. No call "
            "(L2TP, IPsec) is made instead: labtui would have to carry its secret. One made by "
            "hand is read, drawn and diagnosed, and its BGP peer is switched from here"
        )
        yield text.format(router=end.name, version=end.version_text or "?")
    yield from facts.place.against
    if not designing.subnet_of(facts):
        yield _("no subnet: set links.pool in the configuration, or say it (subnet=10.0.0.0/30)")
    if design is not None and not old:
        for side in design.sides:
            yield from _against(facts, design, side.end)


def _against(facts: LinkFacts, design: Design, end: End) -> Iterator[str]:
    """What speaks against one of the ends."""
    if taken := designing.overlapping(design.subnet, end):
        text = _("{router} has {address} already, which {subnet} overlaps")
        yield text.format(router=end.name, address=taken, subnet=design.subnet)
    if not design.port:
        yield _("no port: give one that is free on both")
    elif design.port in end.ports:
        yield _("{router} listens on {port} already").format(router=end.name, port=design.port)
    if not design.bgp:
        return
    chain = designing.chain_of(facts, end)
    side = next(one for one in design.sides if one.end is end)
    if not chain:
        text = _(
            "{router} would announce everything: give the filter chain that its session goes "
            "through (filter.{router}=CHAIN), or set links.filter in the configuration"
        )
        yield text.format(router=end.name)
    elif chain not in end.chains and not side.rule:
        text = _("{router} has no filter chain {chain}")
        yield text.format(router=end.name, chain=chain)
    if not designing.asn_of(facts, end):
        text = _("{router} has no AS number: set links.asn_range in the configuration")
        yield text.format(router=end.name)


def _facts(facts: LinkFacts, design: Design) -> Iterator[Fact]:
    where = _("the next of {pool} in NetBox").format(pool=facts.place.pool_text)
    given = where if designing.pooled(facts) else _("as given")
    yield Fact(_("subnet"), f"{design.subnet} ({given})")
    for side in design.sides:
        text = f"{side.face} {side.address} :{design.port}  {side.public or '-'}"
        if design.bgp:
            text += f"  AS{side.asn} {side.connection} > {side.chain}"
        yield Fact(side.end.name, text)
    for side in design.sides:
        way = (
            _("under safe mode: the router undoes it when labtui is gone")
            if side.end.safe_mode
            else _("{version} has no safe mode over the API: by the journal").format(
                version=side.end.version_text
            )
        )
        yield Fact(_("undo"), f"{side.end.name}: {way}")
    sure = _("handshake and session from both ends, prefixes, and a new login, before it is kept")
    yield Fact(_("proof"), sure)
    yield Fact(_("on failure"), _("both routers and NetBox as they were before"))


def _warnings(facts: LinkFacts, design: Design) -> Iterator[str]:
    ends = [side.end for side in design.sides]
    if not facts.place.there:
        yield _("no NetBox: nothing is allocated or written down there")
    for side in design.sides:
        end = side.end
        if facts.place.there and not facts.place.devices.get(end.name):
            text = _("NetBox has no device {name}: that end is not written down")
            yield text.format(name=end.name)
        if not end.drop:
            yield _("{router} drops nothing that comes in: no filter rule is made").format(
                router=end.name
            )
        if end.jumps:
            text = _("{router}: rules before the first drop jump elsewhere; look whether they let")
            yield f"{text.format(router=end.name)} :{design.port}"
        if design.bgp and not side.network:
            text = _("{router} has no list of own networks: it only passes on what it hears")
            yield text.format(router=end.name)
    for side in design.sides:
        if not side.public:
            text = _("nobody knows where {router} is reached from outside: it has to begin")
            yield text.format(router=side.end.name)
    used = [end.name for end in ends if not end.safe_mode]
    if used:
        text = _("without safe mode on {routers} the way back needs labtui or `labtui jobs resume`")
        yield text.format(routers=", ".join(used))


def _inputs(facts: LinkFacts, design: Design | None) -> Iterator[Input]:
    names, known = pair_of(facts), tuple(facts.ends)
    if len(facts.ends) > 2:
        yield Input("a", _("one end"), names[0], "choice", known)
        yield Input("b", _("other end"), names[1], "choice", known)
    subnet = designing.subnet_of(facts)
    wrong = _("no subnet of two addresses") if subnet and design is None else ""
    wrong = "" if names[0] == names[1] else wrong
    yield Input("subnet", _("subnet"), subnet, hint=facts.place.pool_text, problem=wrong)
    if design is None:
        return
    yield Input("port", _("port"), str(design.port or ""), "number")
    yield Input("bgp", _("BGP session"), "1" if design.bgp else "0", "flag")
    for side in design.sides:
        name = side.end.name
        yield Input(f"endpoint.{name}", _("{r} address").format(r=name), side.public)
        if design.bgp:
            label = _("{r} filter").format(r=name)
            yield Input(
                f"filter.{name}", label, side.chain, hint=", ".join(sorted(side.end.chains))
            )
