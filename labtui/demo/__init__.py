"""The demo lab: a world of its own behind the real protocols, in its own process.

It imports nothing of the rest of labtui, so that the two sides of the wire cannot share a mistake.
"""
