"""PCI devices in nodes and the cluster's resource mappings for them."""

from __future__ import annotations

import msgspec

# ASPEED and Matrox: what a server's management controller shows the local console by (pci.ids).
_BOARD_CONTROLLERS = frozenset(("1a03", "102b"))


class PciDevice(msgspec.Struct, frozen=True):
    """One PCI function of a node. `address` is `dddd:bb:dd.f`; `iommu_group` is -1 when none."""

    cluster: str
    node: str
    address: str
    device_class: int
    vendor_id: str
    device_id: str
    vendor: str
    model: str
    iommu_group: int

    @property
    def slot(self) -> str:
        """The address without its function."""
        return self.address.rsplit(".", 1)[0]

    @property
    def is_gpu(self) -> bool:
        """VGA (0x0300), 3D (0x0302), other display (0x0380); no board controller's console."""
        display = self.device_class >> 8 in (0x0300, 0x0302, 0x0380)
        return display and self.vendor_id.removeprefix("0x") not in _BOARD_CONTROLLERS


class MappingEntry(msgspec.Struct, frozen=True):
    """One entry of a mapping; several of one node are alternatives, several addresses one group."""

    node: str
    addresses: tuple[str, ...]
    device: str = ""
    iommu_group: int | None = None


class PciMapping(msgspec.Struct, frozen=True):
    """A PCI resource mapping of the cluster."""

    name: str
    entries: tuple[MappingEntry, ...]
    live_capable: bool = False
    description: str = ""

    def on(self, node: str) -> tuple[MappingEntry, ...]:
        """The entries of that node."""
        return tuple(entry for entry in self.entries if entry.node == node)


class Hardware(msgspec.Struct, frozen=True):
    """The PCI devices of each node that could be asked, and the mappings.

    `read_at` has the time of each node's list (seconds since the epoch), `missing` the nodes that
    did not answer with the reason.
    """

    devices: dict[str, tuple[PciDevice, ...]]
    mappings: tuple[PciMapping, ...] = ()
    read_at: dict[str, float] = {}
    missing: dict[str, str] = {}
