"""One Magentrix portal in memory: entities with their fields and rows, keys and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from integrations.connectors.sandbox_kit import JsonObject

from .catalog import BLUEPRINTS, Blueprint
from .errors import ApiError
from .fields import Field
from .store import Store
from .values import shown


@dataclass(slots=True)
class Entity:
    """One entity of the portal; a `hidden` one is invisible to the API key's owner."""

    blueprint: Blueprint
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    hidden: bool = False

    @property
    def name(self) -> str:
        """The entity's name."""
        return self.blueprint.name

    def visible(self) -> dict[str, Field]:
        """Return the fields that the API shows."""
        return {name: field for name, field in self.fields.items() if not field.hidden}

    def lookups_to(self, entity: str) -> Iterator[Field]:
        """Yield the lookups to an entity."""
        return (field for field in self.fields.values() if field.reference == entity)

    def shown(self, row: JsonObject) -> JsonObject:
        """Return a row as the API shows it."""
        return {name: shown(each, row.get(name)) for name, each in self.visible().items()}

    def add(self, made: Field) -> None:
        """Add a field."""
        self.fields[made.name] = made
        if made.unique:
            self.store.index(made.name)

    def dump(self) -> JsonObject:
        """Return the entity as JSON-able data."""
        return {
            "name": self.name,
            "prefix": self.prefix,
            "hidden": self.hidden,
            "fields": [each.dump() for each in self.fields.values()],
            "rows": self.store.dump(),
            "made": self.store.made,
        }

    @classmethod
    def load(cls, state: JsonObject) -> Entity:
        """Return the entity that `dump` described."""
        made = cls(BLUEPRINTS[state["name"]], state["prefix"], hidden=state["hidden"])
        for row in state["fields"]:
            made.add(Field.load(row))
        for row in state["rows"]:
            made.store.put(row)
        made.store.made = state["made"]
        return made


@dataclass(slots=True)
class Token:
    """A session: whose, from which key, and until when (unix)."""

    user: str
    key: str
    until: float


@dataclass(slots=True)
class Portal:
    """Everything of one portal. `keys` maps API keys to the users they belong to."""

    entities: dict[str, Entity] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    number: int = 0
    latest: str = ""
    """The latest ModifiedOn: instants never go back."""

    @classmethod
    def fresh(cls) -> Portal:
        """Return a portal with the standard entities and no rows."""
        portal = cls()
        for name, blueprint in BLUEPRINTS.items():
            entity = portal.entities[name] = Entity(blueprint, blueprint.prefix)
            for each in blueprint.fields:
                entity.add(each.fresh(portal.new_id("00F")))
        return portal

    def new_id(self, prefix: str) -> str:
        """Return a fresh id: prefix, running number, and an end that is always the same."""
        self.number += 1
        return f"{prefix}{self.number:012X}0001"

    def visible(self) -> dict[str, Entity]:
        """Return the entities that the API shows."""
        return {name: each for name, each in self.entities.items() if not each.hidden}

    def entity(self, name: str) -> Entity:
        """Return a visible entity; raises ApiError 404 for an unknown or wrongly spelled name."""
        found = self.visible().get(name)
        if found is None:
            raise ApiError(404, f"Invalid entity: '{name}'")
        return found

    def caller(self, sid: str, now: datetime) -> Token | None:
        """Return the session of a bearer token that is still good."""
        token = self.tokens.get(sid)
        return token if token and token.until > now.timestamp() else None

    def revoke(self, key: str) -> str:
        """Refuse a key and all its tokens from now on; returns whose it was, "" for nobody."""
        self.tokens = {sid: one for sid, one in self.tokens.items() if one.key != key}
        return self.keys.pop(key, "")

    def dump(self) -> JsonObject:
        """Return everything as JSON-able data."""
        sessions = {sid: [one.user, one.key, one.until] for sid, one in self.tokens.items()}
        return {
            "number": self.number,
            "latest": self.latest,
            "keys": dict(self.keys),
            "tokens": sessions,
            "entities": [entity.dump() for entity in self.entities.values()],
        }

    @classmethod
    def load(cls, state: JsonObject) -> Portal:
        """Return the portal that `dump` described."""
        entities = [Entity.load(row) for row in state["entities"]]
        tokens = {sid: Token(*one) for sid, one in state["tokens"].items()}
        by_name = {entity.name: entity for entity in entities}
        return cls(by_name, dict(state["keys"]), tokens, state["number"], state["latest"])
