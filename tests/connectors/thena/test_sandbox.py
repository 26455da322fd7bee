"""The Thena sandbox keeps its promises: keys, bodies, pages, unique values, lag and limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.connectors.sandbox_kit import SandboxRequest, SandboxResponse
from integrations.connectors.thena.sandbox import DEMO_KEY, ThenaSandbox
from tests.connectors.thena.rig import MANIFEST, Watch

ACME = {"name": "Acme", "primaryDomain": "acme.example"}
ADA = {"firstName": "Ada", "email": "ada@acme.example"}
ACCOUNTS, CONTACTS = "/v1/accounts", "/v1/accounts/contacts"


class Desk:
    """A sandbox with a clock that a test moves, and short ways to call it."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.sandbox = ThenaSandbox(self.watch)

    def ask(self, method: str, path: str, body: Any = None, key: str = DEMO_KEY) -> SandboxResponse:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"x-api-key": key, "x-bot-key": key}
        return self.sandbox.handle(SandboxRequest.build(method, path, headers=headers, body=sent))

    def data(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status < 300, answer.body
        return answer.json()["data"]

    def refusal(self, method: str, path: str, body: Any = None, key: str = DEMO_KEY) -> Any:
        answer = self.ask(method, path, body, key)
        found = answer.json()
        assert found["statusCode"] == answer.status
        return answer.status, found["message"]

    def ids(self, path: str) -> list[str]:
        return [row["id"] for row in self.data("GET", path)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


# ---------------------------------------------------------------- every call


@pytest.mark.parametrize("key", ["", "pk_live_other"])
def test_a_call_without_a_valid_key_is_refused(desk: Desk, key: str) -> None:
    assert desk.refusal("GET", ACCOUNTS, key=key) == (401, "Unauthorized")


def test_an_answer_has_an_envelope_and_tells_the_time(desk: Desk) -> None:
    answer = desk.ask("GET", ACCOUNTS)
    assert answer.json() == {
        "data": [],
        "status": True,
        "message": "OK",
        "timestamp": "2026-11-20T09:00:00.000Z",
    }
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 09:00:00 GMT"


def test_an_unknown_route_and_a_body_that_is_no_json_are_refused_as_nestjs_does(desk: Desk) -> None:
    assert desk.refusal("GET", "/v2/accounts") == (404, "Cannot GET /v2/accounts")
    assert desk.refusal("POST", "/apps/nothing")[0] == 404
    headers = {"x-api-key": DEMO_KEY}
    broken = SandboxRequest.build("POST", ACCOUNTS, headers=headers, body=b"{")
    assert desk.sandbox.handle(broken).status == 400


def test_a_revoked_key_is_dead_at_once_and_a_fresh_one_lives(desk: Desk) -> None:
    desk.sandbox.revoke(DEMO_KEY, "pk_live_fresh")
    assert desk.ask("GET", ACCOUNTS).status == 401
    assert desk.ask("GET", ACCOUNTS, key="pk_live_fresh").status == 200


def test_organisations_see_only_their_own(desk: Desk) -> None:
    desk.sandbox.add_organisation("EORG2", "Other", "pk_live_two")
    made = desk.data("POST", ACCOUNTS, ACME)
    assert desk.ask("GET", ACCOUNTS, key="pk_live_two").json()["data"] == []
    assert desk.refusal("GET", f"{ACCOUNTS}/{made['id']}", key="pk_live_two")[0] == 404


def test_the_limit_is_counted_by_the_minute_and_says_when_it_ends(desk: Desk) -> None:
    assert "X-RateLimit-Limit" not in desk.ask("GET", ACCOUNTS).headers
    desk.sandbox.change(rate_limit=2)
    left = [desk.ask("GET", ACCOUNTS).headers["X-RateLimit-Remaining"] for _ in range(2)]
    over = desk.ask("GET", ACCOUNTS)
    assert (left, over.status) == (["1", "0"], 429)
    wait = int(over.headers["X-RateLimit-Reset"]) - desk.watch.now.timestamp()
    assert 60 <= wait <= 61
    assert "Retry-After" not in over.headers
    desk.watch.pass_seconds(wait)
    assert desk.ask("GET", ACCOUNTS).status == 200


# ---------------------------------------------------------------- records


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (ACCOUNTS, {}, ["name should not be empty", "primaryDomain should not be empty"]),
        (CONTACTS, {}, ["firstName should not be empty", "email should not be empty"]),
        (CONTACTS, {**ADA, "email": "ada"}, ["email must be an email"]),
        (CONTACTS, {**ADA, "source": "hubspot"}, ["property source should not exist"]),
        (ACCOUNTS, {**ACME, "name": 7}, ["name must be a string"]),
        (ACCOUNTS, {**ACME, "employees": "40"},
         ["employees must be a number conforming to the specified constraints"]),
        (ACCOUNTS, {**ACME, "logo": "acme"}, ["logo must be a URL address"]),
        (ACCOUNTS, {**ACME, "status": "NONE"}, ["status NONE not found"]),
        (ACCOUNTS, {**ACME, "metadata": []}, ["metadata must be an object"]),
        (CONTACTS, {**ADA, "accountIds": "AC1"}, ["each value in accountIds must be a string"]),
        (ACCOUNTS, {**ACME, "customFieldValues": {}}, ["customFieldValues must be an array"]),
        (ACCOUNTS, {**ACME, "customFieldValues": [{"customFieldId": "CF9", "data": []}]},
         ["customFieldValues.0.customFieldId was not found"]),
        (ACCOUNTS, {**ACME, "customFieldValues": [{"fieldId": "CF9", "value": 1}]},
         ["customFieldValues.0.data must be an array of objects"]),
    ],
)  # fmt: skip
def test_a_body_is_checked_as_a_whole(desk: Desk, path: str, body: Any, message: Any) -> None:
    assert desk.refusal("POST", path, body) == (400, message)
    assert desk.ids(path) == []


def test_new_records_have_defaults_ids_in_order_and_both_instants(desk: Desk) -> None:
    one = desk.data("POST", ACCOUNTS, ACME)
    two = desk.data("POST", ACCOUNTS, {"name": "B", "primaryDomain": "b.example"})
    assert (one["status"], one["createdAt"]) == ("PROSPECT", "2026-11-20T09:00:00.000Z")
    assert one["id"] < two["id"]
    assert (len(one["id"]), one["id"][:2]) == (28, "AC")
    assert desk.data("POST", CONTACTS, ADA)["contactType"] == "PRIMARY"


@pytest.mark.parametrize(
    ("path", "body", "again"),
    [
        (ACCOUNTS, ACME, {"name": "B", "primaryDomain": "ACME.example"}),
        (CONTACTS, ADA, {"firstName": "B", "email": "Ada@ACME.example"}),
    ],
)
def test_domain_and_email_are_unique_until_their_record_is_deleted(
    desk: Desk, path: str, body: Any, again: Any
) -> None:
    first = desk.data("POST", path, body)
    assert desk.refusal("POST", path, again)[0] == 409
    assert desk.data("PUT", f"{path}/{first['id']}", body)["id"] == first["id"]
    desk.data("DELETE", f"{path}/{first['id']}")
    assert desk.data("POST", path, again)["id"] != first["id"]


def test_a_put_keeps_what_it_does_not_name_and_replaces_accounts_and_custom_fields(
    desk: Desk,
) -> None:
    one, two = (
        desk.data("POST", ACCOUNTS, {"name": n, "primaryDomain": f"{n}.example"})["id"]
        for n in "ab"
    )
    fields = [
        desk.data("POST", "/v1/custom-field",
                  {"name": n, "source": "customer_contact", "fieldType": "single_line"})["uid"]
        for n in "xy"
    ]  # fmt: skip
    values = [{"customFieldId": uid, "data": [{"value": "1"}]} for uid in fields]
    made = desk.data("POST", CONTACTS, {**ADA, "accountIds": [one], "customFieldValues": values})
    path = f"{CONTACTS}/{made['id']}"
    changed = desk.data("PUT", path, {"accountIds": [two], "customFieldValues": values[:1]})
    assert [account["id"] for account in changed["accounts"]] == [two]
    assert changed["customFieldValues"] == values[:1]
    assert changed["email"] == ADA["email"]
    desk.sandbox.change(custom_fields_replace=False)
    assert desk.data("PUT", path, {"customFieldValues": values[1:]})["customFieldValues"] == values


def test_a_put_that_changes_nothing_leaves_the_instant(desk: Desk) -> None:
    made = desk.data("POST", ACCOUNTS, ACME)
    desk.watch.pass_seconds(60)
    assert desk.data("PUT", f"{ACCOUNTS}/{made['id']}", ACME) == made
    changed = desk.data("PUT", f"{ACCOUNTS}/{made['id']}", {"name": "B"})
    assert changed["updatedAt"] == "2026-11-20T09:01:00.000Z"


def test_a_deleted_record_answers_nowhere_and_is_kept(desk: Desk) -> None:
    account, contact = (
        desk.data("POST", p, b)["id"] for p, b in ((ACCOUNTS, ACME), (CONTACTS, ADA))
    )
    for path in (f"{ACCOUNTS}/{account}", f"{CONTACTS}/{contact}"):
        desk.data("DELETE", path)
        assert desk.refusal("PUT", path, {})[0] == 404
    assert desk.refusal("GET", f"{ACCOUNTS}/{account}")[0] == 404
    assert desk.data("POST", f"{CONTACTS}/filter/ids", {"ids": [contact]}) == []
    assert desk.data("GET", f"{CONTACTS}/search?email=ada@acme.example") == []
    assert desk.ids(ACCOUNTS) == desk.ids(CONTACTS) == []
    assert desk.sandbox.orgs["EORG1"].stores["accounts"].records[account]["deletedAt"]


def test_records_count_pages_from_one_and_custom_fields_from_zero(desk: Desk) -> None:
    made = [
        desk.data("POST", CONTACTS, {**ADA, "email": f"a{n}@b.example"})["id"] for n in range(12)
    ]
    assert desk.ids(CONTACTS) == made[:10]
    assert desk.ids(f"{CONTACTS}?page=2&limit=5") == made[5:10]
    assert desk.ids(f"{CONTACTS}?page=0&limit=5") == made[:5]
    for name in "abc":
        body = {"name": name, "source": "ticket", "fieldType": "single_line"}
        desk.data("POST", "/v1/custom-field", body)
    pages = [desk.data("GET", f"/v1/custom-field?source=ticket&page={n}&limit=2") for n in (0, 1)]
    assert [[row["name"] for row in page] for page in pages] == [["a", "b"], ["c"]]
    assert desk.refusal("GET", f"{CONTACTS}?page=x")[0] == 400


def test_contacts_of_one_account_can_be_listed(desk: Desk) -> None:
    account = desk.data("POST", ACCOUNTS, ACME)["id"]
    desk.data("POST", CONTACTS, ADA)
    mine = desk.data("POST", CONTACTS, {**ADA, "email": "b@b.example", "accountIds": [account]})
    assert desk.ids(f"{CONTACTS}?accountId={account}") == [mine["id"]]


def test_the_bulk_call_counts_and_names_nobody(desk: Desk) -> None:
    desk.data("POST", CONTACTS, ADA)
    body = {"contacts": [ADA, {**ADA, "email": "b@b.example"}], "source": "hubspot"}
    assert desk.data("POST", f"{CONTACTS}/bulk", body) == {"total": 2, "created": 1, "skipped": 1}
    assert desk.refusal("POST", f"{CONTACTS}/bulk", body) == (400, "No contacts to create")


def test_the_search_lags_and_matches_loosely(desk: Desk) -> None:
    desk.data("POST", ACCOUNTS, ACME)
    path = "/v1/search/accounts?q=acme&query_by=primaryDomain,name"

    def hits(more: str = "") -> list[str]:
        result = desk.ask("GET", path + more).json()["result"]
        return [hit["document"]["name"] for hit in result["hits"]]

    assert hits() == []
    desk.watch.pass_seconds(3)
    assert hits() == hits("&filter_by=primaryDomain:=acme.example") == ["Acme"]
    assert hits("&filter_by=primaryDomain:=other.example") == []
    assert hits("&filter_by=updatedAt:>2026-11-21") == []
    assert desk.refusal("GET", "/v1/search/customer_contacts?q=*&query_by=email")[0] == 404
    assert desk.refusal("GET", "/v1/search/accounts?q=*")[0] == 400


def test_accounts_by_ids_exist_only_where_switched_on(desk: Desk) -> None:
    made = desk.data("POST", ACCOUNTS, ACME)["id"]
    path, body = f"{ACCOUNTS}/filter/ids", {"ids": [made, "AC9"]}
    assert desk.refusal("POST", path, body) == (404, f"Cannot POST {path}")
    desk.sandbox.change(accounts_by_ids=True)
    assert [row["id"] for row in desk.data("POST", path, body)] == [made]


def test_a_value_can_be_added_to_a_picklist(desk: Desk) -> None:
    body = {"attribute": "account_industry", "value": "ROCKETS"}
    made = desk.data("POST", f"{ACCOUNTS}/attributes", body)
    listed = desk.data("GET", f"{ACCOUNTS}/attributes?attribute=account_industry")
    assert made in listed
    account = desk.data("POST", ACCOUNTS, {**ACME, "industry": made["id"]})
    assert (account["industryId"], account["industry"]) == (made["id"], "ROCKETS")
    assert desk.refusal("GET", f"{ACCOUNTS}/attributes?attribute=moods")[0] == 400


# ---------------------------------------------------------------- state


def test_everything_outlives_a_restart(desk: Desk) -> None:
    desk.data("POST", CONTACTS, ADA)
    app = desk.ask("POST", "/apps/create-app", {"manifest": MANIFEST}).json()["appId"]
    token = desk.ask("POST", "/apps/install", {"appId": app}).json()["botToken"]
    desk.data("POST", ACCOUNTS, ACME)
    desk.sandbox.change(event_shape="wrapped")
    state = json.loads(json.dumps(desk.sandbox.dump()))
    again = Desk()
    again.sandbox.load(state)
    assert again.ids(CONTACTS) == desk.ids(CONTACTS)
    assert again.sandbox.dump() == state
    assert again.ask("GET", ACCOUNTS, key=token).status == 200
    assert again.refusal("POST", CONTACTS, ADA)[0] == 409
    assert len(again.sandbox.take_deliveries()) == 3


def test_a_reset_leaves_the_demo_organisation_alone(desk: Desk) -> None:
    desk.data("POST", ACCOUNTS, ACME)
    desk.sandbox.add_organisation("EORG2", "Other", "pk_live_two")
    desk.sandbox.change(max_limit=7)
    desk.sandbox.reset()
    assert desk.ids(ACCOUNTS) == []
    assert [*desk.sandbox.orgs] == ["EORG1"]
    assert desk.sandbox.behaviour.max_limit == 7
