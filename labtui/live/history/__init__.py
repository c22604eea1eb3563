"""The history: what happened in the lab, kept on disk for this user's consoles and recorder.

`observe` says how things are, `compare` and `told` what that changes, `database` keeps it, `keeper`
does so in a thread, `election` says who of several may write, `priming` what of it a fresh console
takes up.
"""
