"""Webhook signatures as HubSpot makes them: HubSpot docs, "request validation", 2026-03-30."""

import base64
import hashlib
import hmac
import re

_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def sign_v3(secret: str, method: str, uri: str, body: bytes, timestamp: int) -> str:
    """Return the v3 signature; `timestamp` is epoch milliseconds, `uri` the full URL called."""
    address = _DECODED.sub(lambda found: chr(int(found[1], 16)), uri)
    text = method.encode() + address.encode() + body + str(timestamp).encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


def sign_v1(secret: str, body: bytes) -> str:
    """Return the v1 signature: a plain hash of secret and body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def headers(secret: str, uri: str, body: bytes, timestamp: int, *, legacy: bool) -> dict[str, str]:
    """Return the headers of a delivery; `legacy` adds those of v1."""
    signed = {
        "Content-Type": "application/json",
        "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks",
        "X-HubSpot-Request-Timestamp": str(timestamp),
        "X-HubSpot-Signature-v3": sign_v3(secret, "POST", uri, body, timestamp),
    }
    if legacy:
        signed["X-HubSpot-Signature-Version"] = "v1"
        signed["X-HubSpot-Signature"] = sign_v1(secret, body)
    return signed
