"""Webhook requests as HubSpot signs and sends them, and as somebody else would forge them.

The signature is written here a second time, so that the portal's own is checked by another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Final

import requests

PATIENCE: Final = 10


class Deliveries:
    """Sends to one webhook address, signed with the app's client secret."""

    def __init__(self, address: str, secret: str) -> None:
        self.address = address
        self.secret = secret
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, body: bytes, *, secret: str = "", age: float = 0) -> int:
        """Deliver a body, signed `age` seconds ago; returns the answer's status.

        HubSpot signs method, address, body and time (HubSpot docs, request validation,
        2026-03-30).
        """
        stamp = str(int((time.time() - age) * 1000))
        signed = b"POST" + self.address.encode() + body + stamp.encode()
        digest = hmac.digest((secret or self.secret).encode(), signed, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Request-Timestamp": stamp,
            "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        }
        answer = self.session.post(self.address, data=body, headers=headers, timeout=PATIENCE)
        return answer.status_code
