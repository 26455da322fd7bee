"""The sandbox's JSON endpoints on what an admin of an account sets up in HubSpot.

Paths under /sandbox/accounts/{portal}; `admin` says what holds for all of them:

    POST   owners                     {id, email, archived?}
    PATCH  owners/{owner}             {archived}
    GET    pipelines                  [{id, label, displayOrder, stages}]
    POST   pipelines                  {label, stages: {id: label}, id?} -> 201 {id}
    DELETE pipelines/{pipeline}       even from under its deals
    POST   pipelines/{pipeline}/stages          {label, id?} -> 201 {id}
    PATCH  pipelines/{pipeline}/stages/{stage}  {label}
    DELETE pipelines/{pipeline}/stages/{stage}
    POST   choices                    {type, name, label, options: [value]}: a property with these
    POST   refusals                   {type, property, value, message, status?}: value "*" is any
    DELETE refusals                   everything is accepted again
    POST   keys                       {scopes} -> 201 {key}
    POST   keys/rotate                {key, grace?} -> {key}
    POST   keys/delete                {key}
"""

from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import (
    SandboxRequest,
    SandboxResponse,
    empty,
    json_response,
)

from .admin_records import Handler, tolerant
from .person import Person

if TYPE_CHECKING:
    from .server import HubSpotSandbox


class AccountsAdmin:
    """Handlers of the endpoints listed in the module's docstring."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        self.sandbox = sandbox
        pipeline = "pipelines/{pipeline}"
        routes: list[tuple[str, str, Handler]] = [
            ("POST", "owners", self.add_owner),
            ("PATCH", "owners/{owner}", self.change_owner),
            ("GET", "pipelines", self.pipelines),
            ("POST", "pipelines", self.add_pipeline),
            ("DELETE", pipeline, self.remove_pipeline),
            ("POST", f"{pipeline}/stages", self.add_stage),
            ("PATCH", f"{pipeline}/stages/{{stage}}", self.rename_stage),
            ("DELETE", f"{pipeline}/stages/{{stage}}", self.remove_stage),
            ("POST", "choices", self.add_choice),
            ("POST", "refusals", self.refuse),
            ("DELETE", "refusals", self.refuse_nothing),
            ("POST", "keys", self.add_key),
            ("POST", "keys/rotate", self.rotate_key),
            ("POST", "keys/delete", self.delete_key),
        ]
        for method, path, handler in routes:
            sandbox.router.add(method, f"/sandbox/accounts/{{portal}}/{path}", tolerant(handler))

    def add_owner(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Add an owner."""
        body = request.json()
        archived = body.get("archived") is True
        self._person(portal).add_owner(str(body["id"]), body["email"], archived=archived)
        return json_response({"id": body["id"]}, 201)

    def change_owner(self, request: SandboxRequest, portal: str, owner: str) -> SandboxResponse:
        """Deactivate an owner or bring one back."""
        archived = request.json()["archived"] is True
        self._person(portal).change_owner(owner, archived=archived)
        return json_response({"id": owner, "archived": archived})

    def pipelines(self, _: SandboxRequest, portal: str) -> SandboxResponse:
        """The pipelines with their stages in order."""
        return json_response(list(self._person(portal).state.pipelines.values()))

    def add_pipeline(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Add a pipeline with its stages."""
        body = request.json()
        made = self._person(portal).add_pipeline(
            str(body["label"]), dict(body["stages"]), str(body.get("id", ""))
        )
        return json_response({"id": made}, 201)

    def remove_pipeline(self, _: SandboxRequest, portal: str, pipeline: str) -> SandboxResponse:
        """Take a pipeline away."""
        self._person(portal).remove_pipeline(pipeline)
        return empty()

    def add_stage(self, request: SandboxRequest, portal: str, pipeline: str) -> SandboxResponse:
        """Add a stage."""
        body = request.json()
        person = self._person(portal)
        made = person.add_stage(pipeline, str(body["label"]), str(body.get("id", "")))
        return json_response({"id": made}, 201)

    def rename_stage(
        self, request: SandboxRequest, portal: str, pipeline: str, stage: str
    ) -> SandboxResponse:
        """Give a stage another label."""
        self._person(portal).rename_stage(pipeline, stage, str(request.json()["label"]))
        return json_response({"id": stage})

    def remove_stage(
        self, _: SandboxRequest, portal: str, pipeline: str, stage: str
    ) -> SandboxResponse:
        """Take a stage away."""
        self._person(portal).remove_stage(pipeline, stage)
        return empty()

    def add_choice(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Add a property with options, or give it others."""
        body = request.json()
        options = [str(option) for option in body["options"]]
        person = self._person(portal)
        person.add_choice(body["type"], str(body["name"]), str(body["label"]), options)
        return json_response({"name": body["name"]}, 201)

    def refuse(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Refuse a value to programs."""
        body = request.json()
        self._person(portal).refuse(
            body["type"],
            str(body["property"]),
            str(body["value"]),
            str(body["message"]),
            status=int(body.get("status", 400)),
        )
        return empty()

    def refuse_nothing(self, _: SandboxRequest, portal: str) -> SandboxResponse:
        """Accept every value again."""
        self._person(portal).refuse_nothing()
        return empty()

    def add_key(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Make a service key."""
        scopes = [str(scope) for scope in request.json()["scopes"]]
        return json_response({"key": self.sandbox.add_service_key(int(portal), scopes)}, 201)

    def rotate_key(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """Replace a service key of the account."""
        body = request.json()
        key = self._key(portal, str(body["key"]))
        made = self.sandbox.rotate_service_key(key, grace=body.get("grace") is True)
        return json_response({"key": made})

    def delete_key(self, request: SandboxRequest, portal: str) -> SandboxResponse:
        """End a service key of the account."""
        self.sandbox.keys.delete(self._key(portal, str(request.json()["key"])))
        return empty()

    def _key(self, portal: str, key: str) -> str:
        if self.sandbox.keys.grants[key].portal_id != int(portal):
            raise KeyError("key")
        return key

    def _person(self, portal: str) -> Person:
        return self.sandbox.account(int(portal))
