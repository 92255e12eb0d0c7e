"""Broken announcements: each a name, the bytes of its file, and what must become of it."""
