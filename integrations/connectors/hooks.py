"""What the readers of all systems' webhook bodies share. Verifies and stores nothing."""

from __future__ import annotations


class PayloadError(ValueError):
    """The body is not what the system sends; the message says where, and quotes no value."""
