"""Start, shut down, stop, reboot, reset, suspend, resume."""
