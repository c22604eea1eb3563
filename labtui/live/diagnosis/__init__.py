"""Layered diagnosis: from the router up to what is behind it, stopping at what is broken.

It only reads: routes, and pings that are counted and limited in time.
"""
