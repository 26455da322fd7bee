"""The live field lists of connected accounts, kept per object type.

What a configuration makes of them is in the engine; asking both systems about records is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils import timezone

from integrations.engine import stored
from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.models import Connection, FieldSchema, ObjectSync
from integrations.services import connectors

Fields = dict[str, FieldSpec]


def fields(connection: Connection, object_type: str, *, fresh: bool = False) -> Fields:
    """Return the fields of an object type by name, as stored; `fresh` asks the system first.

    A list that was never read is asked for too. Raises the SyncError of that call.
    """
    known = FieldSchema.objects.filter(connection=connection, object_type=object_type).first()
    if known is not None and not fresh:
        return stored.fields_from_json(known.fields)
    connector = connectors.open_connector(connection, priority=Priority.PERSON)
    described = connector.describe(object_type)
    store(connection, object_type, described)
    return {spec.name: spec for spec in described}


def store(connection: Connection, object_type: str, specs: Iterable[FieldSpec]) -> None:
    """Keep a field list that was just read, or that is known to have grown."""
    FieldSchema.objects.update_or_create(
        connection=connection,
        object_type=object_type,
        defaults={"fields": stored.fields_to_json(specs), "read_at": timezone.now()},
    )


def of_sync(object_sync: ObjectSync, *, fresh: bool = False) -> dict[Side, Fields]:
    """Return both sides' fields; raises like `fields`, or ConfigInvalid without a target."""
    integration = object_sync.integration
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    return {
        Side.HUBSPOT: fields(integration.hubspot, object_sync.hubspot_object, fresh=fresh),
        Side.TARGET: fields(integration.target, object_sync.target_object, fresh=fresh),
    }


def used(config: SyncConfig, known: Mapping[Side, Mapping[str, FieldSpec]]) -> dict[Side, Fields]:
    """Return the definitions of the fields a configuration reads; unknown ones are left out."""
    return {
        side: {name: known[side][name] for name in config.fields(side) if name in known[side]}
        for side in Side
    }
