"""Rows the portal keeps about itself: call budgets and heartbeats. Nothing of a tenant's data."""

from __future__ import annotations

from django.db import models


class Bucket(models.Model):
    """A token bucket per account and budget lane; `ts` is epoch seconds of the database clock."""

    key = models.CharField(primary_key=True, max_length=200)
    ts = models.FloatField(default=0)
    blocked_until = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a part of the portal last proved that it works."""

    name = models.CharField(primary_key=True, max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"


class Wake(models.Model):
    """Whether a wake-up of this name is already queued, so that bursts queue one, not thousands."""

    name = models.CharField(primary_key=True, max_length=60)
    queued_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
