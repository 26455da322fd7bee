"""A tenant's own signed webhook: setting it, its secret, trying it, switching it off.

What is sent there, and when, is in `deliveries.py` and `sending.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from integrations.engine.errors import Unavailable
from integrations.models import Endpoint, Integration
from integrations.services import audit, outbound, tenants, vault
from integrations.services.outbound import AddressRefused

__all__ = ["AddressRefused", "Shown", "Trial", "rotate", "set_endpoint", "switch", "test"]

PREFIX: Final = "whsec_"
PING: Final = "ping"
SIGNATURE: Final = "X-Portal-Signature"
MOST_FAILURES: Final = 20
"""Failures in a row after which an endpoint is switched off."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint with its secret, to be shown this once; "" where it has not changed."""

    endpoint: Endpoint
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test call went; `detail` says what went wrong."""

    ok: bool
    detail: str = ""


def set_endpoint(integration: Integration, url: str, user: AbstractBaseUser) -> Shown:
    """Send an integration's synced-events to an address as well, from now on.

    Another address keeps the secret. Raises AddressRefused with a sentence, or PermissionDenied.
    """
    tenants.require(user, integration.tenant, change=True)
    url = url.strip()
    outbound.check(url)
    with transaction.atomic():
        Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)
        row = Endpoint.objects.filter(integration=integration).first()
        fresh = "" if row else _new_secret()
        row = row or Endpoint(tenant_id=integration.tenant_id, integration=integration)
        row.url, row.enabled, row.failures, row.last_error = url, True, 0, ""
        if fresh:
            row.secret = vault.seal(fresh.encode(), aad=vault.place(row, "secret"))
        row.save()
        _record(row, "endpoint.set", user)
    return Shown(row, fresh)


def rotate(endpoint: Endpoint, user: AbstractBaseUser) -> Shown:
    """Give an endpoint a new secret; the old one signs nothing from now on."""
    tenants.require(user, endpoint.tenant, change=True)
    fresh = _new_secret()
    endpoint.secret = vault.seal(fresh.encode(), aad=vault.place(endpoint, "secret"))
    with transaction.atomic():
        endpoint.save(update_fields=["secret"])
        _record(endpoint, "endpoint.rotated", user)
    return Shown(endpoint, fresh)


def switch(endpoint: Endpoint, user: AbstractBaseUser, *, on: bool) -> None:
    """Switch an endpoint on (its count of failures starts anew) or off."""
    tenants.require(user, endpoint.tenant, change=True)
    endpoint.enabled = on
    if on:
        endpoint.failures, endpoint.last_error = 0, ""
    with transaction.atomic():
        endpoint.save(update_fields=["enabled", "failures", "last_error"])
        _record(endpoint, "endpoint.switched_on" if on else "endpoint.switched_off", user)


def test(endpoint: Endpoint, user: AbstractBaseUser) -> Trial:
    """Send a ping now and tell how it went; counts neither as success nor as failure."""
    tenants.require(user, endpoint.tenant, change=True)
    try:
        call(endpoint, PING, f"ping-{secrets.token_hex(8)}", {}, timezone.now())
    except AddressRefused as error:
        return Trial(ok=False, detail=str(error))
    except Unavailable as error:
        return Trial(ok=False, detail=error.detail)
    return Trial(ok=True)


def call(
    endpoint: Endpoint, event: str, delivery: str, data: Mapping[str, object], now: datetime
) -> None:
    """Send one signed event; raises Unavailable or AddressRefused.

    `delivery` stays the same when an event is sent again: receivers drop what they had before.
    """
    body = json.dumps(
        {"id": delivery, "event": event, "sentAt": now.isoformat(), "data": data}
    ).encode()
    secret = vault.unseal(endpoint.secret, aad=vault.place(endpoint, "secret")).decode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hubspot-integration-portal",
        "X-Portal-Event": event,
        "X-Portal-Delivery": delivery,
        SIGNATURE: sign(secret, body, now),
    }
    outbound.post(endpoint.url, body, headers)


def sign(secret: str, body: bytes, now: datetime) -> str:
    """Return the signature header: the time, and the HMAC-SHA-256 of "time.body" in hex."""
    stamp = str(int(now.timestamp()))
    signed = hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hex()}"


def host_of(endpoint: Endpoint) -> str:
    """Return what may be said about an address in logs and audit: the rest may be a secret."""
    return urlsplit(endpoint.url).hostname or ""


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _record(endpoint: Endpoint, action: str, user: AbstractBaseUser) -> None:
    audit.record(
        endpoint.tenant,
        action,
        user=user,
        integration=endpoint.integration,
        detail=host_of(endpoint),
    )
