"""Owners, pipelines and account information: read only.

Source: HubSpot docs, "owners guide", "pipelines guide" and "account information", 2026-03-30.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .account import Owner
from .call import Call
from .errors import ApiError
from .kinds import DEALS, kind_named

if TYPE_CHECKING:
    from .server import HubSpotSandbox

OWNERS = ("/crm/owners/2026-09", "/crm/owners/2026-03", "/crm/v3/owners")
PIPELINES = ("/crm/pipelines/2026-09", "/crm/pipelines/2026-03", "/crm/v3/pipelines")
ACCOUNT = ("/account-info/2026-09", "/account-info/2026-03", "/account-info/v3")
EPOCH = "1970-01-01T00:00:00Z"


class DirectoryApi:
    """Handlers of the owner, pipeline and account calls."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in OWNERS:
            sandbox.api("GET", base, self.owners)
            sandbox.api("GET", f"{base}/{{owner_id}}", self.owner)
        for base in PIPELINES:
            path = f"{base}/{{object_type}}"
            sandbox.api("GET", path, self.pipelines)
            sandbox.api("GET", f"{path}/{{pipeline_id}}", self.pipeline)
            sandbox.api("GET", f"{path}/{{pipeline_id}}/stages", self.stages)
        for base in ACCOUNT:
            sandbox.api("GET", f"{base}/details", self.details)

    def owners(self, call: Call) -> SandboxResponse:
        """GET owners: live or archived ones, optionally of one e-mail address."""
        call.need_any("crm.objects.owners.read")
        limit = call.number("limit", 100, 500) or 100
        after = call.number("after", 0, 10**9)
        archived, email = call.flag("archived"), call.request.first("email").lower()
        found = [
            owner
            for owner in call.account.owners
            if owner.archived == archived and email in ("", owner.email.lower())
        ]
        body: JsonObject = {"results": [_owner(owner) for owner in found[after : after + limit]]}
        if after + limit < len(found):
            body["paging"] = {"next": {"after": str(after + limit)}}
        return json_response(body)

    def owner(self, call: Call, owner_id: str) -> SandboxResponse:
        """GET owners/{id}, by owner id or, with `idProperty=userId`, by user id."""
        call.need_any("crm.objects.owners.read")
        by_user = call.request.first("idProperty") == "userId"
        for owner in call.account.owners:
            key = str(owner.user_id) if by_user else owner.id
            if key == owner_id and owner.archived == call.flag("archived"):
                return json_response(_owner(owner))
        raise ApiError(404, f"Owner {owner_id} does not exist", "OBJECT_NOT_FOUND")

    def pipelines(self, call: Call, object_type: str) -> SandboxResponse:
        """GET pipelines/{type}: only deals have some here."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        rows = call.account.pipelines.values() if kind is DEALS else ()
        return json_response({"results": [_pipeline(row) for row in rows]})

    def pipeline(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """GET pipelines/{type}/{id}."""
        return json_response(self._one(call, object_type, pipeline_id))

    def stages(self, call: Call, object_type: str, pipeline_id: str) -> SandboxResponse:
        """GET pipelines/{type}/{id}/stages."""
        shown = self._one(call, object_type, pipeline_id)
        return json_response({"results": shown["stages"]})

    def details(self, call: Call) -> SandboxResponse:
        """GET account-info/details."""
        account = call.account
        moment = datetime.fromtimestamp(call.at / 1000, UTC).astimezone(ZoneInfo(account.time_zone))
        offset = moment.utcoffset()
        milliseconds = round(offset.total_seconds() * 1000) if offset else 0
        return json_response(
            {
                "portalId": account.portal_id,
                "accountType": account.account_type,
                "timeZone": account.time_zone,
                "companyCurrency": account.currency,
                "additionalCurrencies": [],
                "utcOffset": f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:],
                "utcOffsetMilliseconds": milliseconds,
                "uiDomain": account.ui_domain,
                "dataHostingLocation": "eu1",
            }
        )

    def _one(self, call: Call, object_type: str, pipeline_id: str) -> JsonObject:
        kind = kind_named(object_type)
        call.need(kind, "read")
        row = call.account.pipelines.get(pipeline_id) if kind is DEALS else None
        if row is None:
            raise ApiError(404, f"Pipeline {pipeline_id} does not exist", "OBJECT_NOT_FOUND")
        return _pipeline(row)


def _owner(owner: Owner) -> JsonObject:
    shown: JsonObject = {
        "id": owner.id,
        "email": owner.email,
        "type": "PERSON",
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "userIdIncludingInactive": owner.user_id,
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "archived": owner.archived,
    }
    if not owner.archived:
        shown["userId"] = owner.user_id
    return shown


def _pipeline(row: JsonObject) -> JsonObject:
    """Show a pipeline; its stages are not sorted, readers go by `displayOrder`."""
    stages = [
        {
            "id": stage["id"],
            "label": stage["label"],
            "displayOrder": order,
            "metadata": {
                "isClosed": "true" if stage["closed"] else "false",
                "probability": stage["probability"],
            },
            "createdAt": EPOCH,
            "updatedAt": EPOCH,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for order, stage in enumerate(row["stages"])
    ]
    return {
        "id": row["id"],
        "label": row["label"],
        "displayOrder": row["displayOrder"],
        "stages": sorted(stages, key=lambda stage: stage["label"]),
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "archived": False,
    }
