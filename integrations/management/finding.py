"""Finding rows by what a person types on a command line. Writes nothing."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import Q

from integrations.models import ObjectSync


def object_syncs(text: str, key: str = "") -> list[ObjectSync]:
    """Return the object syncs of an integration's or object sync's id; raises CommandError."""
    try:
        wanted = UUID(text)
    except ValueError:
        raise CommandError(f"{text!r} is not an id of an integration or object sync.") from None
    rows = ObjectSync.objects.filter(Q(pk=wanted) | Q(integration=wanted)).select_related(
        "tenant", "integration__hubspot", "integration__target", "version"
    )
    found = list(rows.filter(key=key) if key else rows)
    if not found:
        raise CommandError("There is no such integration or object sync.")
    return found
