"""What cards do, asked of their drivers' own tools in guests (by agent or SSH) and on nodes."""
