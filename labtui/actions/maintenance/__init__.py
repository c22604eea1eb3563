"""HA maintenance of a node: on and off, by a command on a node."""
