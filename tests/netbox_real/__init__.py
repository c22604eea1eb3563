"""The demo's lab in a real NetBox, and labtui against it: by hand, never in CI (docs/netbox.md)."""
