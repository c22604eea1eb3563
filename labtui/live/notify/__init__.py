"""Hooks of the recorder: who is told of causes, by a command, a webhook or ntfy.

What is to be told is written to the history together with the event itself (`hooks`), taken from
there (`outbox`), and sent by a thread for each hook (`courier`, `sending`).
"""
