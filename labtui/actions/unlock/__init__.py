"""Taking a lock off a guest, by a command on its node."""
