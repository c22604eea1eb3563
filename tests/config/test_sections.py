"""The rules of each table of the configuration, one by one."""

from __future__ import annotations

import tomllib

import pytest

from labtui.config.schema import Address, Tls
from tests.config.documents import GOOD, OTHER_PIN, PATH, PIN, changed, good, only


def test_a_good_file_becomes_a_config() -> None:
    config = good(GOOD)
    assert config.lab == "lsalab"
    assert config.path == str(PATH)
    (cluster,) = config.proxmox
    assert cluster.endpoints == (
        Address("pve1", 8006),
        Address("pve2", 443),
        Address("2001:db8::1", 8006),
    )
    assert cluster.tls == Tls("verify")
    (router,) = config.routers
    assert router.addresses == (Address("10.121.250.1", 8729), Address("2001:db8::2", 8730))
    assert config.netbox is not None
    assert config.netbox.url == "https://netbox.example"
    assert config.netbox.vmid_fields[0] == "proxmox_vm_id"


def test_a_router_in_the_clear_has_the_other_port() -> None:
    assert good(changed("router", tls="off")).routers[0].addresses[0].port == 8728


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("http://pve1:8006", "expected https://"),
        ("pve1:0", "a port from 1 to 65535"),
        ("pve1:65536", "a port from 1 to 65535"),
        ("pve1:", "a port from 1 to 65535"),
        ("pve1:８006", "a port from 1 to 65535"),
        ("2001:db8::1", "in brackets"),
        ("[2001:db8::1", "between the brackets"),
        ("[pve1]:8006", "between the brackets"),
        ("[::1]8006", "after the bracket"),
        ("10.0.0.256", "four numbers"),
        ("https://pve1/api2", "without a path"),
        ("pve 1", "a host name"),
        ("pve..1", "a host name"),
        ("-pve", "a host name"),
    ],
)
def test_a_wrong_endpoint_is_named_with_its_place(endpoint: str, says: str) -> None:
    sentence = only(changed("proxmox", endpoints=["pve9", endpoint]))
    assert sentence.startswith("proxmox[0].endpoints[1]: ")
    assert says in sentence
    assert f'found "{endpoint}"' in sentence


def test_an_endpoint_twice_and_none_at_all() -> None:
    assert "each address once" in only(changed("proxmox", endpoints=["pve1", "pve1:8006"]))
    assert "found an empty list" in only(changed("proxmox", endpoints=[]))
    assert "found nothing" in only(changed("proxmox", endpoints=None))
    assert 'found "pve1"' in only(changed("proxmox", endpoints="pve1"))


@pytest.mark.parametrize("token_id", ["root@pam", "root!x1", "@pam!x1", "root@pam!", "a b@pam!xx"])
def test_the_form_of_a_token_id(token_id: str) -> None:
    sentence = only(changed("proxmox", token_id=token_id))
    assert sentence == (
        "proxmox[0].token_id: expected user@realm!name, found a text of another form"
    )


def test_either_a_token_or_a_password() -> None:
    login = {"username": "amy@pam", "password": {"env": "X"}}
    no_token = {"token_id": None, "token_secret": None}
    assert good(changed("proxmox", **no_token, **login)).proxmox[0].username == "amy@pam"
    assert "found both" in only(changed("proxmox", **login))
    assert only(changed("proxmox", **no_token)).endswith("found neither")
    assert "token_secret" in only(changed("proxmox", token_secret=None))
    assert "token_id" in only(changed("proxmox", token_id=None))
    assert "proxmox[0].password" in only(changed("proxmox", **no_token, username="amy@pam"))
    assert "user@realm" in only(changed("proxmox", **no_token, **login | {"username": "amy"}))
    assert "second factor" in only(changed("proxmox", totp=True))


def test_the_account_for_actions_is_whole_or_absent() -> None:
    assert "router[0].write_password" in only(changed("router", write_username="rw"))
    assert "router[0].write_username" in only(changed("router", write_password={"env": "W"}))
    assert "router[0].password" in only(changed("router", password=None))
    assert "router[0].username" in only(changed("router", username=None))


def test_a_fingerprint_pins_in_any_spelling() -> None:
    spelled = ":".join([PIN[:2].upper()] * 32)
    for table in ("proxmox", "router"):
        raw = changed(table, fingerprint=spelled)
        config = good(raw)
        tls = config.proxmox[0].tls if table == "proxmox" else config.routers[0].tls
        assert tls == Tls("pin", "", PIN)
        assert tls.pins == (PIN,)


def test_nodes_may_have_a_fingerprint_each() -> None:
    listed = good(changed("proxmox", fingerprint=[PIN, OTHER_PIN, PIN.upper()]))
    by_node = {"pve1": PIN, "https://pve2:443": OTHER_PIN}
    tabled = good(changed("proxmox", fingerprint=by_node))
    for config in (listed, tabled):
        assert config.proxmox[0].tls.pins == (PIN, OTHER_PIN)
    strange = only(changed("proxmox", fingerprint={"pve7": PIN}))
    assert strange.startswith("proxmox[0].fingerprint: ")
    assert "pve1:8006" in strange


@pytest.mark.parametrize("pin", ["ab" * 31, "ab" * 33, "xy" * 32, "a:" * 32, "", 7, ["ab"], []])
def test_a_wrong_fingerprint(pin: object) -> None:
    sentence = only(changed("router", fingerprint=pin))
    assert sentence.startswith("router[0].fingerprint")


def test_tls_must_fit_what_stands_beside_it() -> None:
    assert "router[0].fingerprint" in only(changed("router", tls="pin"))
    for mode in ("verify", "anonymous", "off"):
        assert f"tls is {mode}" in only(changed("router", tls=mode, fingerprint=PIN))
    for mode in ("anonymous", "off"):
        assert "router[0].ca_file" in only(changed("router", tls=mode, ca_file="ca.pem"))
    assert "needs no authority" in only(changed("router", fingerprint=PIN, ca_file="ca.pem"))
    assert "one of verify, pin," in only(changed("router", tls="strict"))
    assert "one of verify, pin," in only(changed("proxmox", tls="anonymous"))


def test_netbox_in_the_clear_only_to_this_machine() -> None:
    for host in ("127.0.0.1:8000", "localhost", "[::1]:80"):
        config = good(changed("netbox", url=f"http://{host}"))
        assert config.netbox is not None
        assert config.netbox.tls.mode == "off"
    assert 'tls = "off" allows it' in only(changed("netbox", url="http://netbox.example"))
    far = good(changed("netbox", url="http://netbox.example/n/", tls="off"))
    assert far.netbox is not None
    assert far.netbox.url == "http://netbox.example/n"
    assert "netbox.tls" in only(changed("netbox", tls="off"))
    assert "netbox.fingerprint" in only(changed("netbox", url="http://localhost", fingerprint=PIN))


@pytest.mark.parametrize(
    "url", ["netbox.example", "ftp://n", "https://", "https://n?x", "https://u:p@n", "https://[n"]
)
def test_a_wrong_netbox_url(url: str) -> None:
    sentence = only(changed("netbox", url=url))
    assert sentence.startswith("netbox.url: ")
    assert "u:p" not in sentence


def test_paths_start_from_home_or_from_the_files_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/amy")
    raw = changed("proxmox", ca_file="ca.pem", token_secret={"file": "~/token"})
    config = good(raw | {"ssh": {"known_hosts": "~/kh", "identity_file": "/k"}})
    (cluster,) = config.proxmox
    assert cluster.tls.ca_file == "/etc/lab/ca.pem"
    assert cluster.token_secret is not None
    assert cluster.token_secret.reference == "/home/amy/token"
    assert config.ssh.known_hosts == "/home/amy/kh"
    assert config.ssh.identity_file == "/k"
    assert "home folder" in only(changed("ssh", known_hosts="~nobody-of-that-name/x"))


def test_ssh_takes_no_options() -> None:
    for key in ("user", "jump"):
        assert f"ssh.{key}" in only(changed("ssh", **{key: "-oProxyCommand=x"}))


def test_keys_may_be_written_with_or_without_quotes() -> None:
    raw = tomllib.loads('[keys]\n"guest.stop" = "S"\nguest.migrate = "M"\nquit = "q"')
    expected = {"guest.stop": "S", "guest.migrate": "M", "quit": "q"}
    assert good(GOOD | raw).keys == expected
    assert "keys.a.b: expected a key" in only(GOOD | {"keys": {"a": {"b": 1}}})


def test_flags_are_flags() -> None:
    assert good(changed("lab", read_only=True)).read_only
    assert good(changed("lab", demo=True)).demo
    assert "lab.read_only: expected true or false" in only(changed("lab", read_only="yes"))
