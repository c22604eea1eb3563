"""The living Proxmox cluster of the demo lab: what is true, whoever asks for it."""
