"""One write to NetBox, sent once; when its answer is lost, NetBox is asked what became of it."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import NETBOX, Call, Progress, Report, Wire
from labtui.actions.records.request import IF_MATCH, MESSAGE, field, same
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, OutcomeUnknown, Rejected
from labtui.model.records import refs

_UNSAID = frozenset((IF_MATCH, MESSAGE, "prefix_length"))
_TRIES = 3
_PAUSE = 2.0
# Fields of a new record by which it is found again, and what their filters are called.
_KNOWN_BY = {
    refs.MACHINES: {"name": "name", "cluster": "cluster_id"},
    refs.MACHINE_INTERFACES: {"name": "name", "virtual_machine": "virtual_machine_id"},
    refs.DEVICES: {"name": "name"},
    refs.DEVICE_INTERFACES: {"name": "name", "device": "device_id"},
    refs.MACS: {"mac_address": "mac_address"},
    refs.CLUSTERS: {"name": "name"},
    refs.VLANS: {"vid": "vid", "name": "name"},
    refs.PREFIXES: {"prefix": "prefix"},
    refs.ADDRESSES: {"address": "address"},
    refs.ASNS: {"asn": "asn"},
    refs.TUNNELS: {"name": "name"},
    refs.TUNNEL_ENDS: {"tunnel": "tunnel_id", "termination_id": "termination_id"},
    refs.SESSIONS: {"device": "device_id", "remote_address": "remote_address_id"},
}


class Lost(OutcomeUnknown):
    """Nobody can say whether it was done."""


async def send(call: Call, wire: Wire, report: Report) -> Any:
    """What the record became. Raises `LabError`; `Lost` when nobody can say."""
    try:
        row = await wire.call(call)
    except OutcomeUnknown as error:
        report(Progress(line=_("the answer was lost: looking whether it was taken")))
        return await _looked_up(call, wire, error)
    if isinstance(row, dict) and (ignored := not_taken(call, row)):
        # What a version does not know it passes over without a word.
        why = _("NetBox passed over {fields}").format(fields=", ".join(ignored))
        raise Rejected(_("not all of it was written"), where=call.path, why=why)
    return row


def not_taken(call: Call, row: dict[str, Any]) -> list[str]:
    """The fields that the record does not have as they were sent."""
    return [
        name
        for name, value in call.params
        if name not in _UNSAID and not same(field(row, name), value)
    ]


async def _looked_up(call: Call, wire: Wire, error: LabError) -> Any:
    for turn in range(_TRIES):
        if turn:
            await wire.sleep(_PAUSE)
        try:
            found = await _state(call, wire)
        except NotFound:
            if call.method == "DELETE":
                return None
            continue
        except LabError:
            # NetBox is away: the next look may find it back.
            continue
        if found is not None:
            return found
        if turn + 1 == _TRIES:
            why = _("its answer was lost, and NetBox does not have it so")
            raise Rejected(_("not taken"), where=call.path, why=why)
    raise Lost(error.what, where=error.where, why=error.why)


async def _state(call: Call, wire: Wire) -> Any | None:
    """The record as it was wanted; None when it is not so. Raises `LabError`."""
    if call.method != "POST":
        rows = await wire.read(NETBOX, call.path)
        wanted = [row for row in rows if isinstance(row, dict)]
        if call.method == "DELETE" and not wanted:
            raise NotFound(_("deleted"), where=call.path)
    else:
        values = dict(call.params)
        names = _KNOWN_BY.get(call.path, {})
        filters = {names[name]: values[name] for name in names if name in values}
        if not filters:
            return None
        rows = await wire.read(NETBOX, call.path, **filters)
        wanted = [row for row in rows if isinstance(row, dict)]
    fitting = [row for row in wanted if not not_taken(call, row)]
    if call.method == "DELETE":
        return None
    return fitting[0] if len(fitting) == 1 else None
