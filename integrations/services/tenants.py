"""Customer organisations, their members and what a role allows. Knows nothing of systems."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import slugify

from integrations.models import Membership, Role, Tenant
from integrations.services import audit


class LastOwner(Exception):
    """A tenant must keep an owner: name another one first."""


def create(name: str, *, owner: AbstractBaseUser | None = None, time_zone: str = "UTC") -> Tenant:
    """Create an organisation, with its first owner if given. The slug is made from the name."""
    with transaction.atomic():
        tenant = Tenant.objects.create(name=name, slug=_free_slug(name), time_zone=time_zone)
        if owner is not None:
            Membership.objects.create(tenant=tenant, user_id=owner.pk, role=Role.OWNER)
        audit.record(tenant, "tenant.created", user=owner, detail=name)
    return tenant


def require(
    user: AbstractBaseUser | AnonymousUser, tenant: Tenant, *, change: bool = False
) -> Membership:
    """Return the user's membership; raises PermissionDenied without one, or when it only looks."""
    found = None
    if user.pk is not None:
        found = Membership.objects.filter(tenant=tenant, user_id=user.pk).first()
    if found is None or (change and not found.can_change):
        raise PermissionDenied
    return found


def set_role(
    tenant: Tenant, user: AbstractBaseUser, role: Role, *, by: AbstractBaseUser
) -> Membership:
    """Add a member or change a member's role; only owners may. Raises LastOwner."""
    with transaction.atomic():
        _lock(tenant, by)
        if role is not Role.OWNER:
            _keep_an_owner(tenant, user)
        membership, _ = Membership.objects.update_or_create(
            tenant=tenant, user_id=user.pk, defaults={"role": role}
        )
        detail = f"{user.get_username()}: {role.value}"
        audit.record(tenant, "member.role_set", user=by, detail=detail)
    return membership


def remove_member(tenant: Tenant, user: AbstractBaseUser, *, by: AbstractBaseUser) -> None:
    """End a membership; only owners may. Raises LastOwner."""
    with transaction.atomic():
        _lock(tenant, by)
        _keep_an_owner(tenant, user)
        if Membership.objects.filter(tenant=tenant, user_id=user.pk).delete()[0]:
            audit.record(tenant, "member.removed", user=by, detail=user.get_username())


def _lock(tenant: Tenant, by: AbstractBaseUser) -> None:
    # Two owners who remove each other at the same time must not both succeed.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if require(by, tenant).role != Role.OWNER:
        raise PermissionDenied


def _keep_an_owner(tenant: Tenant, leaving: AbstractBaseUser) -> None:
    owners = set(tenant.memberships.filter(role=Role.OWNER).values_list("user_id", flat=True))
    if owners == {leaving.pk}:
        raise LastOwner("An organisation needs an owner: name another one first.")


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "tenant"
    taken = set(Tenant.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in range(1, 10_000))
    return next(slug for slug in candidates if slug not in taken)
