"""Snapshots of a guest: make, roll back, delete, and their tree."""
