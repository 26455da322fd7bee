"""The routes of metadata, and the token. Source: developer guide, read 2026-11-20."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from integrations.connectors.sandbox_kit import (
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    json_response,
)

from .call import Call, Handle
from .calls import API
from .errors import ApiError
from .fields import Field
from .state import Entity, Token
from .values import instant

if TYPE_CHECKING:
    from .server import MagentrixSandbox

LOGIN_FAILED: Final = {"code": "INVALID_SCOPE", "fieldName": None, "message": "Login failed."}


class MetadataCalls:
    """Handlers of `/entity`, `/entity/metadata` and `/entity/{E}/metadata`."""

    def __init__(self, sandbox: MagentrixSandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, Handle]]:
        """Yield method, path and handler of every call."""
        yield "GET", f"{API}/entity", self.names
        yield "GET", f"{API}/entity/metadata", self.some
        yield "GET", f"{API}/entity/{{entity}}/metadata", self.one

    def names(self, call: Call) -> SandboxResponse:
        """Answer with the names of all entities."""
        return json_response({"entities": list(self.sandbox.portal.visible())})

    def one(self, call: Call, entity: str) -> SandboxResponse:
        """Answer with one entity and its fields."""
        return json_response(self._described(entity))

    def some(self, call: Call) -> SandboxResponse:
        """Answer with the entities that are asked for, in that order."""
        names = [name for name in call.request.first("entities").split(",") if name]
        return json_response([self._described(name.strip()) for name in names])

    def _described(self, name: str) -> JsonObject:
        entity = self.sandbox.portal.entity(name)
        blueprint = entity.blueprint
        return {
            "Id": entity.prefix.rjust(19, "0"),
            "Name": entity.name,
            "Label": blueprint.label,
            "PluralLabel": blueprint.plural,
            "KeyPrefix": entity.prefix,
            "DbSchema": "dbo",
            "EntityType": blueprint.kind,
            "IsCustom": False,
            "IsHidden": False,
            "Triggerable": True,
            "Fields": [field.metadata() for field in entity.visible().values()],
            "Relationships": [_relationship(*pair) for pair in self._children(entity)],
        }

    def _children(self, parent: Entity) -> Iterator[tuple[Entity, Field]]:
        for entity in self.sandbox.portal.visible().values():
            for field in entity.lookups_to(parent.name):
                if not field.hidden:
                    yield entity, field


def _relationship(entity: Entity, field: Field) -> JsonObject:
    """Describe who refers to an entity; the members are ours, as no page lists them."""
    return {"Name": f"{entity.name}_{field.relation}", "Entity": entity.name, "Field": field.name}


def sign_in(sandbox: MagentrixSandbox, request: SandboxRequest) -> SandboxResponse:
    """Answer `POST /token`: a token for an API key, 403 for anything else."""
    try:
        body = request.json()
    except ValueError:
        raise ApiError(400, "The body is not valid JSON.") from None
    now = sandbox.now()
    key = str(body.get("refresh_token") or "")
    if body.get("grant_type") != "refresh_token" or key not in sandbox.portal.keys:
        failed = {"token": None, "dateIssued": instant(now), "validUntil": None}
        return json_response({**failed, "success": False, "errors": [LOGIN_FAILED]}, 403)
    return json_response(_session(sandbox, key, now))


def _session(sandbox: MagentrixSandbox, key: str, now: datetime) -> JsonObject:
    portal, ttl = sandbox.portal, sandbox.behaviour.token_ttl
    ends = now + timedelta(seconds=ttl)
    sid = f"sid-{portal.new_id('')}"
    portal.tokens = {old: one for old, one in portal.tokens.items() if one.until > now.timestamp()}
    portal.tokens[sid] = Token(portal.keys[key], key, ends.timestamp())
    if sandbox.behaviour.session_shape == "expires_in":
        return {"token": sid, "token_type": "Bearer", "expires_in": int(ttl)}
    until = {"dateIssued": instant(now), "validUntil": instant(ends)}
    return {"token": sid, **until, "success": True, "errors": []}
