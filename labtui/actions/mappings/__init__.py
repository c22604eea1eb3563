"""Resource mappings of PCI devices: made of a card, mended after a change of hardware, deleted."""
