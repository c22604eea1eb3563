"""What a router of the lab is configured with besides tunnels and sessions, from the start on."""

from __future__ import annotations

from labtui.demo.lab import Lab
from labtui.demo.overlay.devices import BgpConnection, Port, Record, Router
from labtui.demo.overlay.firewall import FILTER
from labtui.demo.overlay.policy import RULES
from labtui.demo.overlay.routing import LISTS, OLD_NETWORKS, STATIC

# Every tunnel of the lab listens on one of these ports.
WIREGUARD_PORTS = "51820-52843"
_OUTWARD = "to-outside"
_RULES: tuple[dict[str, str], ...] = (
    {"action": "accept", "connection-state": "established,related,untracked"},
    {"action": "drop", "connection-state": "invalid"},
    {"action": "accept", "protocol": "icmp"},
    {"action": "accept", "protocol": "udp", "dst-port": WIREGUARD_PORTS, "comment": "WireGuard"},
    {"action": "accept", "protocol": "udp", "dst-port": "500,1701,4500", "comment": "L2TP/IPsec"},
    {"action": "accept", "protocol": "ipsec-esp"},
    {"action": "accept", "protocol": "tcp", "dst-port": "179", "in-interface-list": "!WAN"},
    {"action": "accept", "in-interface": "bridge-lan"},
    {"action": "drop", "in-interface-list": "WAN", "comment": "the rest from outside"},
)


def add(router: Router, path: str, **values: str) -> Record:
    """A row of a menu; names are written with underscores for hyphens and double ones for dots."""
    row = {name.replace("__", ".").replace("_", "-"): value for name, value in values.items()}
    record = Record(len(router.table(path)) + 1, row)
    router.table(path).append(record)
    return record


def single(router: Router, path: str, **values: str) -> Record:
    """The one row of a menu."""
    row = {name.replace("__", ".").replace("_", "-"): value for name, value in values.items()}
    router.single[path] = Record(0, row)
    return router.single[path]


def configure(lab: Lab, router: Router, index: int) -> None:
    """Filter, lists, services and the like; `index` is the site's place in the lab."""
    for rule in _RULES:
        router.table(FILTER).append(
            Record(
                len(router.table(FILTER)) + 1,
                {"chain": "input", "disabled": "false", "log": "false", "log-prefix": ""} | rule,
            )
        )
    gateway = router.public_address.rpartition(".")[0] + ".1"
    way = {"dst_address": "0.0.0.0/0", "gateway": gateway, "check_gateway": "ping"}
    add(router, STATIC, **way, distance="1", disabled="false")
    add(router, "/interface/list", name="WAN", builtin="false", dynamic="false")
    add(
        router,
        "/interface/list/member",
        list="WAN",
        interface="ether1",
        disabled="false",
        dynamic="false",
    )
    for network in (router.subnet, f"{router.loopback}/32"):
        if router.major >= 7:
            add(
                router,
                LISTS,
                list="bgp-networks",
                address=network,
                dynamic="false",
                disabled="false",
            )
        else:
            add(router, OLD_NETWORKS, network=network, synchronize="true", disabled="false")
    _nat(router)
    _services(router)
    _people(router)
    _times(router, index)
    _dhcp(lab, router)
    _routing(router)
    _watch(router)


def _nat(router: Router) -> None:
    add(
        router,
        "/ip/firewall/nat",
        chain="srcnat",
        action="masquerade",
        out_interface_list="WAN",
        log="false",
        log_prefix="",
        bytes="0",
        packets="0",
        invalid="false",
        dynamic="false",
        disabled="false",
    )


_SERVICES = (
    ("telnet", 23, True),
    ("ftp", 21, True),
    ("www", 80, True),
    ("ssh", 22, False),
    ("www-ssl", 443, True),
    ("api", 8728, False),
    ("winbox", 8291, False),
    ("api-ssl", 8729, False),
)


def _services(router: Router) -> None:
    for name, port, disabled in _SERVICES:
        row = add(
            router,
            "/ip/service",
            name=name,
            port=str(port),
            address="",
            disabled=str(disabled).lower(),
            invalid="false",
            vrf="main",
        )
        row.number -= 1
        if name.endswith("-ssl"):
            row.values |= {"certificate": router.name, "tls-version": "any"}
        row.values |= {"max-sessions": "20"}


def _people(router: Router) -> None:
    groups = {
        "read": "api,read,test,!write",
        "write": "api,read,write,test,!policy",
        "full": "local,telnet,ssh,ftp,reboot,read,write,policy,test,winbox,password,web,sniff,"
        "sensitive,api,romon,rest-api",
    }
    for name, policy in groups.items():
        add(router, "/user/group", name=name, policy=policy, skin="default")
    for name, group in (("admin", "full"), ("labtui-ro", "read"), ("labtui-rw", "write")):
        add(
            router,
            "/user",
            name=name,
            group=group,
            address="",
            disabled="false",
            expired="false",
        )


def _times(router: Router, index: int) -> None:
    single(
        router,
        "/system/ntp/client",
        enabled="true",
        mode="unicast",
        servers="192.0.2.123,192.0.2.124",
        vrf="main",
        freq_drift=f"{12.5 + index:.3f} PPM",
    )
    add(
        router,
        "/certificate",
        name=router.name,
        common_name=router.name,
        key_type="rsa",
        key_size="2048",
        days_valid="825",
        trusted="true",
        key_usage="digital-signature,key-encipherment,tls-server",
    )


def _dhcp(lab: Lab, router: Router) -> None:
    add(
        router,
        "/ip/dhcp-server",
        name="dhcp-lan",
        interface="bridge-lan",
        lease_time="30m",
        address_pool="pool-lan",
        disabled="false",
    )
    nodes = {node.name for node in lab.nodes if node.site == router.site}
    guests = [guest for guest in lab.guests if guest.node in nodes and guest.address][:40]
    for guest in guests:
        add(
            router,
            "/ip/dhcp-server/lease",
            address=guest.address,
            mac_address=guest.mac,
            client_id="1:" + guest.mac.lower(),
            address_lists="",
            server="dhcp-lan",
            dhcp_option="",
            host_name=guest.name,
            dynamic="true",
            blocked="false",
            radius="false",
            disabled="false",
        )


def _routing(router: Router) -> None:
    if router.major < 7:
        add(
            router,
            "/routing/bgp/instance",
            name="default",
            **{"as": str(router.asn)},
            router_id=router.loopback,
            redistribute_connected="false",
            redistribute_static="false",
            client_to_client_reflection="true",
            routing_table="",
            disabled="false",
        )
        return
    add(
        router,
        "/routing/bgp/instance",
        name="bgp-lab",
        **{"as": str(router.asn)},
        router_id=router.loopback,
        disabled="false",
        inactive="false",
    )
    add(
        router,
        "/routing/bgp/template",
        name="default",
        **{"as": str(router.asn)},
        routing_table="main",
        default="true",
        disabled="false",
        inactive="false",
        invalid="false",
    )


def keep_inside(router: Router, connection: BgpConnection) -> None:
    """What goes to a neighbour outside passes a chain that holds the lab's own networks back."""
    connection.output_filter = _OUTWARD
    rule = "if (dst in 10.0.0.0/8) { reject } else { accept }"
    add(router, RULES, chain=_OUTWARD, rule=rule, disabled="false", comment="own networks stay")


def _watch(router: Router) -> None:
    add(
        router,
        "/tool/netwatch",
        host=router.public_address.rpartition(".")[0] + ".1",
        type="icmp",
        interval="10s",
        name="gateway",
        disabled="false",
        comment="the provider's gateway",
    )


def stretched(lab: Lab, router: Router) -> Port:
    """A VXLAN between the first two sites, for what must be in one segment."""
    face = Port(5, "vxlan-lab", "vxlan", 1370, f"00:00:5E:00:53:D{len(router.ports)}")
    row = add(
        router,
        "/interface/vxlan",
        name=face.name,
        vni="836",
        port="8472",
        mtu=str(face.mtu),
        mac_address=face.mac,
        arp="enabled",
        arp_timeout="auto",
        dont_fragment="disabled",
        loop_protect="default",
        max_fdb_size="4096",
        vteps_ip_version="ipv4",
        vrf="main",
        running="true",
        disabled="false",
    )
    row.number = face.number
    far = next((site for site in lab.sites[:2] if site.name != router.site), None)
    if far is not None:
        place = lab.sites.index(far)
        add(
            router,
            "/interface/vxlan/vteps",
            interface=face.name,
            remote_ip=f"10.255.255.{place + 1}",
            port="8472",
        )
    return face
