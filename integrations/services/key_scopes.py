"""What a HubSpot service key may do, and whether that is enough for a system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from integrations.connectors.hubspot.connector import HubSpotConnector
from integrations.connectors.hubspot.spec import HUBSPOT
from integrations.engine.errors import ConfigInvalid, MissingScope
from integrations.engine.ports import Connector, Priority
from integrations.engine.specs import ConnectorSpec
from integrations.models import Connection
from integrations.services import connectors

PLACE: Final = "Development > Keys > Service keys"


def found(connector: Connector, wanted: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """Return the permissions that a key has, of those wanted and those known so far.

    Raises MissingScope, saying what to do, where a wanted one is not among them.
    """
    needed = [scope for scope in wanted if scope not in HUBSPOT.scopes]
    asked = sorted({*needed, *known})
    has = list(connector.permitted(asked)) if isinstance(connector, HubSpotConnector) else asked
    if missing := [scope for scope in needed if scope not in has]:
        raise MissingScope(
            _(
                "The service key may not do everything that is needed. Add these permissions to it "
                "under %(place)s and save here again: %(scopes)s."
            )
            % {"place": PLACE, "scopes": ", ".join(missing)},
            system_code=" ".join(missing),
        )
    return has


def make_sure(hubspot: Connection, spec: ConnectorSpec) -> None:
    """Refuse to join a system with a keyed account that is not enough for it; else note what is.

    Raises ConfigInvalid for a system that lives from notices, MissingScope, or the SyncError of
    asking. Connections through the app were asked for everything on the consent page.
    """
    if not hubspot.by_key:
        return
    if connectors.needs_notices(spec):
        raise ConfigInvalid(needs_consent(spec))
    connector = connectors.open_connector(hubspot, priority=Priority.PERSON)
    hubspot.scopes = found(connector, spec.scopes, hubspot.scopes)
    hubspot.save(update_fields=["scopes"])


def needs_consent(spec: ConnectorSpec) -> str:
    """Say why a system cannot be joined with a HubSpot account that has only a service key."""
    return _(
        "%(system)s needs HubSpot's notices, which a service key does not get. Connect HubSpot "
        "through its consent page instead."
    ) % {"system": spec.label}
