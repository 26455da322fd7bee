"""The demo's tenants and people. Only for the demo: passwords lie readable in its directory."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Final

from django.contrib.auth.models import Permission, User
from django.db import transaction

from integrations.models import Tenant
from integrations.services import tenants

TENANT: Final = "Harbor Family Practice"
FIRM: Final = "Lanternworks Software"
VENDOR: Final = "Northfield Instruments"
WORKS: Final = "Größler Maschinenbau"
ADMIN: Final = "amara"
FIRM_ADMIN: Final = "nora"
VENDOR_ADMIN: Final = "vera"
WORKS_ADMIN: Final = "jana"
SUPPORT: Final = "sam"
FILE: Final = "demo-accounts.json"
REPLAY: Final = "change_event"
OWNERS: Final = (
    (TENANT, ADMIN, "America/New_York"),
    (FIRM, FIRM_ADMIN, "Europe/Berlin"),
    (VENDOR, VENDOR_ADMIN, "Europe/London"),
    (WORKS, WORKS_ADMIN, "Europe/Berlin"),
)
"""Each organisation with its owner and its time zone."""


def furnish(directory: Path) -> dict[str, str]:
    """Make what is missing; returns the passwords by user name, the same at every start."""
    file = directory / FILE
    names = (*(owner for _tenant, owner, _zone in OWNERS), SUPPORT)
    passwords: dict[str, str] = {name: secrets.token_urlsafe(9) for name in names}
    if file.exists():
        passwords |= json.loads(file.read_text())
    file.touch(mode=0o600)
    file.write_text(json.dumps(passwords))
    with transaction.atomic():
        people = {name: person(name, password) for name, password in passwords.items()}
        for tenant, owner, time_zone in OWNERS:
            if not Tenant.objects.filter(name=tenant).exists():
                tenants.create(tenant, owner=people[owner], time_zone=time_zone)
        _support(people[SUPPORT])
    return passwords


def person(name: str, password: str) -> User:
    """Make a user, or give the existing one this password."""
    user, _ = User.objects.get_or_create(
        username=name, defaults={"first_name": name.title(), "email": f"{name}@demo.example"}
    )
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def _support(user: User) -> None:
    """Let support see everything in the admin and replay events; it belongs to no tenant."""
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    ours = Permission.objects.filter(content_type__app_label="integrations")
    user.user_permissions.set(ours.filter(codename__startswith="view_"))
    user.user_permissions.add(*ours.filter(codename=REPLAY))
