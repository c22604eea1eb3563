"""The Proxmox VE REST server of the demo lab: one listener per node over one living cluster."""
