"""Credentials of one tenant for one system account, and OAuth states. No HTTP, no decryption."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models.querysets import TenantQuerySet
from integrations.models.tenants import Tenant


class ConnectionState(models.TextChoices):
    """`PAUSED` parks all work until a person re-authenticates; `UNINSTALLED` is the end."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Needs re-authentication")
    UNINSTALLED = "uninstalled", _("Uninstalled")


class Publishing(models.TextChoices):
    """Whether the system is told of synced records. `REFUSED` until its app's secrets are new."""

    OFF = "off", _("Off")
    ON = "on", _("On")
    REFUSED = "refused", _("Refused")


class Connection(models.Model):
    """One tenant's credentials for one system account (a HubSpot portal, an RXNT practice).

    `secrets` and `tokens` are sealed texts bound to this row and column; read and write them
    through `services.vault` only. `by_key`: HubSpot was connected by a pasted service key, which
    gets no notices and is never renewed. `outage` names the current outage ("" when there is
    none), so that one mail per outage is sent. `hook_digest` is the digest of the secret in the
    address that the system calls; the secret itself is among `secrets`. `publish_failures` counts
    events in a row that could not be delivered to the system, `publish_detail` says why.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="connections")
    system = models.CharField(max_length=40)
    account_id = models.CharField(max_length=100)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=12, choices=ConnectionState.choices, default=ConnectionState.ACTIVE
    )
    reason = models.CharField(max_length=40, blank=True)
    reason_detail = models.CharField(max_length=500, blank=True)
    state_changed_at = models.DateTimeField(auto_now_add=True)
    outage = models.UUIDField(null=True, blank=True, editable=False)
    secrets = models.TextField(blank=True, editable=False)
    tokens = models.TextField(blank=True, editable=False)
    tokens_expire_at = models.DateTimeField(null=True, blank=True)
    by_key = models.BooleanField(_("service key"), default=False)
    scopes = models.JSONField(default=list, blank=True)
    installer_email = models.EmailField(blank=True)
    ui_host = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    hook_digest = models.CharField(
        max_length=64, null=True, blank=True, unique=True, editable=False
    )  # noqa: DJ001
    hook_seen_at = models.DateTimeField(null=True, blank=True)
    publishing = models.CharField(max_length=8, choices=Publishing.choices, default=Publishing.OFF)
    publish_failures = models.PositiveIntegerField(default=0)
    publish_detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("system", "account_id"),
                condition=~Q(state="uninstalled"),
                name="connection_account_once",
                violation_error_message=_("This account is already connected."),
            ),
        )
        indexes = (models.Index(fields=("tenant", "system"), name="connection_tenant_system"),)
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return f"{self.label or self.account_id} ({self.system})"


class OAuthState(models.Model):
    """A single-use OAuth `state`, bound to user, tenant and purpose. Stored as a digest only.

    `connection` is the one to be re-authenticated: no other account may answer. None: any.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    target_system = models.CharField(max_length=40, blank=True)
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.tenant} {self.created_at:%Y-%m-%d %H:%M}"
