"""The demo lab's NetBox: a small store of records behind NetBox 4.6's REST API."""
