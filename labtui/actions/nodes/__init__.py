"""Reboot, shut down and wake a node."""
