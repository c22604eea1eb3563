"""labtui: a terminal console for a Proxmox VE cluster, a MikroTik overlay and NetBox."""

__version__ = "0.1.0"
