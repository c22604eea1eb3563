"""Kinds of record under `tenancy/` and `vpn/`."""

from __future__ import annotations

from labtui.demo.netbox.schema import (
    BRIEF,
    COMMENTS,
    DESCRIPTION,
    OWNER,
    TAGS,
    TAIL,
    Field,
    Model,
    choice,
    choices,
    computed,
    constant,
    count,
    generic,
    integer,
    name_of,
    ref,
    slug,
    slugged,
    text,
)

MACHINE = "virtualization.virtualmachine"
ENCAPSULATIONS = (
    ("ipsec-transport", "IPsec - Transport"),
    ("ipsec-tunnel", "IPsec - Tunnel"),
    ("ip-ip", "IP-in-IP"),
    ("gre", "GRE"),
    ("wireguard", "WireGuard"),
    ("openvpn", "OpenVPN"),
    ("l2tp", "L2TP"),
    ("pptp", "PPTP"),
)
_GROUP = (
    text("name", 100, required=True, unique=True),
    slug(),
)

TENANT_GROUP = Model(
    "tenancy.tenantgroup",
    "tenancy/tenant-groups",
    "TenantGroup",
    "tenant group",
    (
        *_GROUP,
        *constant("parent"),
        DESCRIPTION,
        TAGS,
        count("tenant_count", "tenancy.tenant", "group"),
        OWNER,
        COMMENTS,
        *constant("_depth", value=0),
    ),
    (*BRIEF, "tenant_count", "_depth"),
    ("name",),
    name_of,
    nested=(*BRIEF, "tenant_count:0", "_depth:0"),
    key="slug",
)

TENANT = Model(
    "tenancy.tenant",
    "tenancy/tenants",
    "Tenant",
    "tenant",
    (
        *_GROUP,
        ref("group", "tenancy.tenantgroup", "clear"),
        DESCRIPTION,
        *TAIL,
        *constant("circuit_count", "rack_count", value=0),
        count("vlan_count", "ipam.vlan", "tenant"),
        count("device_count", "dcim.device", "tenant"),
        count("ipaddress_count", "ipam.ipaddress", "tenant"),
        count("prefix_count", "ipam.prefix", "tenant"),
        count("site_count", "dcim.site", "tenant"),
        count("virtualmachine_count", MACHINE, "tenant"),
        count("vrf_count", "ipam.vrf", "tenant"),
        count("cluster_count", "virtualization.cluster", "tenant"),
    ),
    BRIEF,
    ("name",),
    name_of,
    key="slug",
)

CONTACT_ROLE = slugged(
    "tenancy.contactrole", "tenancy/contact-roles", "ContactRole", "contact role"
)

CONTACT = Model(
    "tenancy.contact",
    "tenancy/contacts",
    "Contact",
    "contact",
    (
        computed("groups", lambda _view, _row: []),
        text("name", 100, required=True),
        text("title", 100),
        text("phone", 50),
        text("email", 254),
        text("address"),
        text("link"),
        DESCRIPTION,
        *TAIL,
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
)

CONTACT_ASSIGNMENT = Model(
    "tenancy.contactassignment",
    "tenancy/contact-assignments",
    "ContactAssignment",
    "contact assignment",
    (
        generic("object", "dcim.site", "tenancy.tenant", "dcim.device", MACHINE, required=True),
        ref("contact", "tenancy.contact", required=True),
        ref("role", "tenancy.contactrole"),
        choice("priority", choices("primary", "secondary", "tertiary", "inactive"), None),
        TAGS,
    ),
    ("id", "url", "display", "contact", "role", "priority"),
    ("contact", "role"),
    lambda view, row: (
        f"{view.display('tenancy.contact', row['contact'])}"
        f"{' (' + row['priority'].capitalize() + ')' if row['priority'] else ''}"
        f" -> {view.display(row['object_type'], row['object_id'])}"
    ),
    show_display_url=False,
)

TUNNEL_GROUP = slugged(
    "vpn.tunnelgroup",
    "vpn/tunnel-groups",
    "TunnelGroup",
    "tunnel group",
    count("tunnel_count", "vpn.tunnel", "group"),
)

TUNNEL = Model(
    "vpn.tunnel",
    "vpn/tunnels",
    "Tunnel",
    "tunnel",
    (
        text("name", 100, required=True, unique=True),
        Field(
            "status",
            "choice",
            default="active",
            choices=choices("planned", "active", "disabled"),
        ),
        ref("group", "vpn.tunnelgroup"),
        Field("encapsulation", "choice", required=True, choices=ENCAPSULATIONS, default=""),
        *constant("ipsec_profile"),
        ref("tenant", "tenancy.tenant"),
        integer("tunnel_id"),
        DESCRIPTION,
        *TAIL,
        count("terminations_count", "vpn.tunneltermination", "tunnel"),
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
)

TUNNEL_TERMINATION = Model(
    "vpn.tunneltermination",
    "vpn/tunnel-terminations",
    "TunnelTermination",
    "tunnel termination",
    (
        ref("tunnel", "vpn.tunnel", "cascade", required=True),
        choice("role", choices("peer", "hub", "spoke"), "peer", required=True),
        generic("termination", "dcim.interface", "virtualization.vminterface", required=True),
        ref("outside_ip", "ipam.ipaddress"),
        TAGS,
    ),
    ("id", "url", "display"),
    ("tunnel", "role", "id"),
    lambda view, row: f"{view.display('vpn.tunnel', row['tunnel'])}: Termination {row['id']}",
)

MODELS = (
    TENANT_GROUP,
    TENANT,
    CONTACT_ROLE,
    CONTACT,
    CONTACT_ASSIGNMENT,
    TUNNEL_GROUP,
    TUNNEL,
    TUNNEL_TERMINATION,
)
