"""The form of the file, version by version: each step makes the next version of the one before."""

from __future__ import annotations

STEPS: tuple[str, ...] = (
    # 1: what happened, how things are, values kept whole.
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
        key TEXT NOT NULL, name TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
        weight TEXT NOT NULL, said BLOB NOT NULL, view TEXT NOT NULL, row TEXT NOT NULL,
        unseen REAL);
    CREATE INDEX events_at ON events (at, id);
    CREATE INDEX events_row ON events (view, row);
    CREATE INDEX events_key ON events (key);
    CREATE TABLE states (
        kind TEXT NOT NULL, key TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL, since REAL NOT NULL, at REAL NOT NULL, view TEXT NOT NULL,
        row TEXT NOT NULL, said BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE kept (name TEXT PRIMARY KEY, at REAL NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
    """,
    # 2: what hooks have to tell and have told.
    """
    CREATE TABLE notices (
        id INTEGER PRIMARY KEY, hook TEXT NOT NULL, cause TEXT NOT NULL, news TEXT NOT NULL,
        severity TEXT NOT NULL, at REAL NOT NULL, record BLOB NOT NULL, state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, sent_at REAL,
        batch INTEGER);
    CREATE INDEX notices_due ON notices (hook, state, id);
    """,
    # 3: how long cards were given to guests and worked, hour by hour (seconds).
    """
    CREATE TABLE card_hours (
        hour INTEGER NOT NULL, card TEXT NOT NULL, model TEXT NOT NULL, guest TEXT NOT NULL,
        person TEXT NOT NULL, project TEXT NOT NULL, given REAL NOT NULL, told REAL NOT NULL,
        used REAL NOT NULL, PRIMARY KEY (hour, card, guest, person, project)) WITHOUT ROWID;
    """,
    # 4: how many prefixes a BGP connection brought, from when to when.
    """
    CREATE TABLE prefix_counts (
        session TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (session, since)) WITHOUT ROWID;
    """,
)
VERSION = len(STEPS)
