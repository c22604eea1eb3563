"""SSH as a way to other backends: connections with strict host keys, commands, forwarded streams.

Only what `[ssh]` of the configuration says holds here; nobody's ~/.ssh/config is read. asyncssh is
loaded in a thread, when the first connection is made.
"""
