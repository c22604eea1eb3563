"""Every way in which the demo lab can break, by name."""
