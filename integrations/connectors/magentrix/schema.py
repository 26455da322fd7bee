"""What the entities of one portal look like, asked once per connector. Knows no values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from integrations.connectors.magentrix import fields
from integrations.connectors.magentrix.client import MagentrixClient
from integrations.connectors.magentrix.fields import LINK, SYNCED, USER, Column
from integrations.connectors.magentrix.rules import SPELLED
from integrations.engine.errors import ConfigInvalid

USED: Final = (*SYNCED, USER)
_OURS: Final = {
    entity: {
        **SPELLED.get(entity, {}),
        **{name.lower(): name for name in fields.OURS},
        **{name.lower(): name for name in (fields.OWNER, fields.LAST_NAME, fields.EMAIL)},
    }
    for entity in USED
}


class Schemas:
    """The fields of a portal's entities by our names."""

    def __init__(self, client: MagentrixClient) -> None:
        self._client = client
        self._known: dict[str, Mapping[str, Column]] = {}

    def of(self, entity: str, *, fresh: bool = False) -> Mapping[str, Column]:
        """Return an entity's readable fields; raises ConfigInvalid where it cannot be seen."""
        if fresh or entity not in self._known:
            self.load([entity])
        return self._known[entity]

    def load(self, entities: Sequence[str] = USED) -> None:
        """Read the definitions of several entities anew, in one call."""
        found = dict(fields.columns(each, _OURS) for each in self._client.metadata(entities))
        missing = [entity for entity in entities if entity not in found]
        if missing:
            raise ConfigInvalid(
                f"Magentrix does not show the entity {', '.join(missing)}. The API key's owner "
                "must be allowed to see it."
            )
        self._known |= found

    def known(self, entity: str) -> Mapping[str, Column]:
        """Return an entity's fields if they were asked for already, without a call."""
        return self._known.get(entity, {})

    def link(self, entity: str) -> Column:
        """Return the unique field that holds our key.

        Raises ConfigInvalid where it is missing: without it a lost answer could make doubles.
        """
        schema = self.of(entity)
        if LINK not in schema or not schema[LINK].spec.unique:
            schema = self.of(entity, fresh=True)
        if LINK not in schema or not schema[LINK].spec.unique:
            raise ConfigInvalid(
                f"The entity {entity} has no unique text field {LINK} yet: see the integration's "
                "activation page.",
                fields=(LINK,),
            )
        return schema[LINK]
