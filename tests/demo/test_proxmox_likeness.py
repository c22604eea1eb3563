"""Keys and types of recorded answers against the demo's answers to the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.schema_check import recording, shape_faults
from tests.demo.task_wait import finish

QEMU = "/nodes/pve1/qemu/110"

# Recording, call, parameters; what tells rows apart; keys that the demo has and the recording not.
CALLS: list[tuple[str, str, dict[str, Any], tuple[str, ...], set[str]]] = [
    ("node-services", "/nodes/pve1/services", {}, (), set()),
    ("node-service-state", "/nodes/pve1/services/pveproxy/state", {}, (), set()),
    ("node-subscription", "/nodes/pve1/subscription", {}, (), set()),
    ("node-capabilities-qemu-machines", "/nodes/pve1/capabilities/qemu/machines", {}, (), set()),
    ("cluster-config-nodes", "/cluster/config/nodes", {}, (), set()),
    ("cluster-config-totem", "/cluster/config/totem", {}, (), set()),
    ("cluster-config-join", "/cluster/config/join", {}, (), set()),
    ("cluster-options", "/cluster/options", {}, (), set()),
    ("cluster-mapping", "/cluster/mapping", {}, (), set()),
    ("sdn-zones", "/cluster/sdn/zones", {}, ("type",), set()),
    ("sdn-vnets", "/cluster/sdn/vnets", {}, (), set()),
    ("sdn-vnet-subnets", "/cluster/sdn/vnets/sandbox/subnets", {}, (), set()),
    ("sdn-ipams", "/cluster/sdn/ipams", {}, (), set()),
    ("access-groups", "/access/groups", {}, (), set()),
    ("access-user-tokens", "/access/users/labtui@pve/token", {}, (), set()),
    # Our users have no mail address in every row, as the recorded ones have.
    ("access-users.full", "/access/users", {"full": 1}, (), set()),
    ("access-role.PVEAuditor", "/access/roles/PVEAuditor", {}, (), set()),
    ("access-domain.pve", "/access/domains/pve", {}, (), set()),
    # Volumes of our directory storage are archives and images, which the recorded one had not.
    ("pools.poolid", "/pools", {"poolid": "amy"}, (), set()),
    ("pools.deprecated-path", "/pools/amy", {}, (), set()),
    # Only packages of Debian were due there; some of ours come from Proxmox.
    ("node-apt-update", "/nodes/pve1/apt/update", {}, (), set()),
    ("node-hardware-pci-index", "/nodes/pve1/hardware/pci/0000:01:00.0", {}, (), set()),
    ("qemu-snapshot-list.107", f"{QEMU}/snapshot", {}, ("name",), set()),
    ("qemu-feature.snapshot", f"{QEMU}/feature", {"feature": "snapshot"}, (), set()),
    ("qemu-firewall-options", f"{QEMU}/firewall/options", {}, (), set()),
]


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, speed=100.0, auth_delay=0.0) as running:
        for name in ("before-upgrade", "after-upgrade"):
            reply = running.ask(f"{QEMU}/snapshot", "POST", params={"snapname": name})
            assert finish(running, reply) == "OK"
        params = {"groupid": "ops", "comment": "operators"}
        assert running.ask("/access/groups", "POST", params=params).status == 200
        yield running


def rows(data: Any) -> list[dict[str, Any]]:
    return data if isinstance(data, list) else [data]


@pytest.mark.parametrize(("name", "path", "params", "group", "extra"), CALLS, ids=lambda v: str(v))
def test_the_same_keys_and_types(
    lab: LabThread,
    name: str,
    path: str,
    params: dict[str, Any],
    group: tuple[str, ...],
    extra: set[str],
) -> None:
    recorded = rows(recording(lab.lab.cluster.state.version, name)["body"]["data"])
    ours = rows(lab.get(path, **params))
    assert ours
    assert shape_faults(recorded, ours, group, frozenset(extra)) == []


def test_a_new_token_is_told_as_recorded(lab: LabThread) -> None:
    recorded = recording(lab.lab.cluster.state.version, "access-token-create.sep")["body"]["data"]
    path = "/access/users/dora@pve/token/separate"
    params = {"privsep": 1, "comment": "for the console"}
    reply = lab.ask(path, "POST", params=params)
    assert reply.status == 200
    assert shape_faults([recorded], [reply.data]) == []
    assert shape_faults([recorded["info"]], [reply.data["info"]]) == []


def test_the_members_of_a_pool_are_rows_of_the_cluster(lab: LabThread) -> None:
    version = lab.lab.cluster.state.version
    (recorded,) = recording(version, "pools.poolid")["body"]["data"]
    (ours,) = lab.get("/pools", poolid="amy")
    extra = frozenset({"pool", "lock", "tags", "hastate"})
    assert shape_faults(recorded["members"], ours["members"], ("type",), extra) == []
