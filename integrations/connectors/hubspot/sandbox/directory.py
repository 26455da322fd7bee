"""Owners and account information: read only.

Source: HubSpot docs, "owners guide" and "account information", 2026-03-30.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

from .account import Owner
from .call import Call
from .errors import ApiError

if TYPE_CHECKING:
    from .server import HubSpotSandbox

OWNERS = ("/crm/owners/2026-09", "/crm/owners/2026-03", "/crm/v3/owners")
ACCOUNT = ("/account-info/2026-09", "/account-info/2026-03", "/account-info/v3")
EPOCH = "1970-01-01T00:00:00Z"


class DirectoryApi:
    """Handlers of the owner and account calls."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in OWNERS:
            sandbox.api("GET", base, self.owners)
            sandbox.api("GET", f"{base}/{{owner_id}}", self.owner)
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
