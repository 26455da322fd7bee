"""The fields an integration needs in HubSpot: made when it is connected, mended on request.

Fields that a mapping needs in the other system are made when it is published (`publishing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from integrations.connectors.hubspot.spec import SYNC_GROUP, SYNC_KEY
from integrations.engine.ports import Ensured, Priority
from integrations.engine.specs import ConnectorSpec, FieldSpec, GroupSpec, SyncSpec
from integrations.models import Connection, Integration
from integrations.services import audit, connectors, requirements, tenants


@dataclass(frozen=True, slots=True)
class EnsuredField:
    """A HubSpot field the integration needs, and whether it had to be made."""

    spec: FieldSpec
    outcome: Ensured


def ensure(hubspot: Connection, spec: ConnectorSpec) -> list[EnsuredField]:
    """Create the groups and fields the system needs in HubSpot, reusing those that exist.

    Among them is our unique key, wherever the system's records are created in HubSpot by upsert.
    Raises ConfigInvalid when a field of that name is of another kind, or another SyncError.
    """
    connector = connectors.open_connector(hubspot, priority=Priority.PERSON)
    settings = {field.key: field.default for field in spec.settings}
    return [
        EnsuredField(field, connector.ensure_field(pair.hubspot_object, field, group))
        for pair in spec.syncs
        for field, group in _needed(pair, settings)
    ]


def repair(integration: Integration, user: AbstractBaseUser) -> list[EnsuredField]:
    """Do what installing did for the fields, without reinstalling; raises like `ensure`."""
    tenants.require(user, integration.tenant, change=True)
    ensured = ensure(integration.hubspot, connectors.spec_of(integration.system))
    requirements.release(integration.object_syncs.all())
    made = [field.spec.name for field in ensured if field.outcome is Ensured.CREATED]
    audit.record(
        integration.tenant,
        "fields.repaired",
        user=user,
        integration=integration,
        detail=f"created: {', '.join(made)}" if made else "all fields were there",
    )
    return ensured


def _needed(
    pair: SyncSpec, settings: dict[str, str]
) -> Iterator[tuple[FieldSpec, GroupSpec | None]]:
    for field in pair.hubspot_fields:
        yield field, pair.hubspot_group
    own = {field.name for field in pair.hubspot_fields}
    if pair.build(settings).hubspot.upsert_key and SYNC_KEY.name not in own:
        yield SYNC_KEY, SYNC_GROUP
