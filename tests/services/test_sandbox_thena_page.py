"""The sandbox's page for HubSpot and Thena: both sides' forms, the key, our app, what it told."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from integrations.connectors.thena.manifest import manifest
from integrations.connectors.thena.sandbox import DEMO_KEY, DEMO_ORG
from integrations.services import sandbox_firm
from integrations.services.sandbox_firm import PORTAL_ID, TIER
from tests.services.test_sandbox_page import Answer, Desk

FIRM = str(PORTAL_ID)
MANIFEST = json.dumps(manifest("http://127.0.0.1:9/e/", "http://127.0.0.1:9/i/"))


class FirmDesk(Desk):
    """Somebody of the software firm in front of the page."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        sandbox_firm.furnish(self.stage.hubspot, self.stage.thena)
        self.firm = self.stage.hubspot.account(PORTAL_ID)
        self.agent = self.stage.thena.person()

    def lists(self, **query: str) -> str:
        return self.get("/", portal=FIRM, **query).text

    def send(self, path: str, **form: str) -> Answer:
        return self.post(path, **({"portal": FIRM} | form))

    def account(self, domain: str) -> str:
        rows = self.agent.all("accounts")
        return str(next(row["id"] for row in rows if row["primaryDomain"] == domain))

    def newest(self, kind: str) -> str:
        return str(self.firm.state.stores[kind].live[-1])


@pytest.fixture
def desk(tmp_path: Path) -> FirmDesk:
    return FirmDesk(tmp_path)


def test_both_sides_are_shown_beside_each_other(desk: FirmDesk) -> None:
    text = desk.lists()
    for wanted in ("Copperfield Logistics", "Nightingale Radio", "Mira Vos", "Premium", DEMO_KEY):
        assert wanted in text
    assert "No patients" not in text
    assert "No app is installed" in text


def test_the_practice_still_sees_its_patients(desk: FirmDesk) -> None:
    assert "No patients yet" in desk.get("/").text
    assert "Copperfield" not in desk.get("/").text


def test_a_company_is_created_edited_and_deleted(desk: FirmDesk) -> None:
    values = {"name": "Fern & Co", "domain": "fern.example", TIER: "Basic"}
    assert desk.send("/create", object="companies", **values).status == 303
    company = desk.newest("companies")
    shown = desk.get("/company", portal=FIRM, id=company).text
    assert 'value="fern.example"' in shown
    assert '<option value="Basic" selected>' in shown
    desk.send("/save", object="companies", id=company, **{TIER: "Premium"})
    assert desk.firm.read("companies", company)[TIER] == "Premium"
    desk.send("/delete", object="companies", id=company)
    assert "Recycle bin" in desk.lists()
    desk.send("/restore", object="companies", id=company)
    assert desk.newest("companies") == company


def test_a_contact_is_at_exactly_the_companies_that_are_chosen(desk: FirmDesk) -> None:
    one, two = map(str, desk.firm.state.stores["companies"].live[:2])
    form = {"object": "contacts", "firstname": "Ada", "has_companies": "1"}
    desk.send("/create", companies=one, **form)
    contact = desk.newest("contacts")
    assert desk.firm.partners("contacts", contact, "companies") == [one]
    desk.send("/save", id=contact, companies=f"{one};{two}", **form)
    assert desk.firm.partners("contacts", contact, "companies") == [one, two]
    shown = desk.get("/contact", portal=FIRM, id=contact).text
    assert f'<option value="{two}" selected>' in shown
    desk.send("/save", id=contact, **form)
    assert desk.firm.partners("contacts", contact, "companies") == []


def test_a_form_without_companies_leaves_them_alone(desk: FirmDesk) -> None:
    contact = desk.newest("contacts")
    before = desk.firm.partners("contacts", contact, "companies")
    desk.send("/save", object="contacts", id=contact, firstname="Wanda")
    assert desk.firm.partners("contacts", contact, "companies") == before != []


def test_an_account_is_created_edited_and_deleted(desk: FirmDesk) -> None:
    form = {"object": "accounts", "name": "Fern", "primaryDomain": "fern.example"}
    desk.send("/desk/thena/create", **form, employees="12", status="TRIAL", website="")
    account = desk.account("fern.example")
    row = desk.agent.get("accounts", account)
    assert (row["employees"], row["status"], row["website"]) == (12, "TRIAL", None)
    desk.send("/desk/thena/save", **(form | {"name": "Fern & Co"}), id=account)
    assert desk.agent.get("accounts", account)["name"] == "Fern & Co"
    assert "Fern &amp; Co" in desk.get("/desk/thena", object="accounts", id=account).text
    desk.send("/desk/thena/delete", object="accounts", id=account)
    assert "fern.example" not in desk.lists()


def test_a_contact_in_thena_is_at_the_accounts_that_are_chosen(desk: FirmDesk) -> None:
    account = desk.account("nightingale.example")
    form = {"object": "contacts", "firstName": "Ada", "email": "ada@fern.example"}
    desk.send("/desk/thena/create", **form, accountIds=account)
    (row,) = (row for row in desk.agent.all("contacts") if row["email"] == "ada@fern.example")
    assert [each["id"] for each in row["accounts"]] == [account]
    shown = desk.get("/desk/thena", object="contacts", id=row["id"]).text
    assert f'<option value="{account}" selected>' in shown


def test_custom_fields_have_their_inputs_and_keep_what_is_not_changed(desk: FirmDesk) -> None:
    account = desk.account("copperfield.example")
    org = desk.stage.thena.orgs[DEMO_ORG]
    (uid,) = (uid for uid, row in org.fields.items() if row["name"] == "Customer tier")
    assert "Customer tier" in desk.get("/desk/thena", object="accounts", id=account).text
    desk.send("/desk/thena/save", object="accounts", id=account, **{f"cf-{uid}": "Gold"})
    assert "Customer tier: Gold" in desk.lists()
    desk.send("/desk/thena/save", object="accounts", id=account, name="Copperfield")
    assert org.stores["accounts"].records[account]["customFieldValues"] == {uid: ["Gold"]}
    desk.send("/desk/thena/save", object="accounts", id=account, **{f"cf-{uid}": ""})
    assert org.stores["accounts"].records[account]["customFieldValues"] == {}


def test_thenas_own_refusal_is_repeated(desk: FirmDesk) -> None:
    answer = desk.send("/desk/thena/create", object="accounts", name="Fern")
    assert "Thena says: " in unquote(answer.headers["Location"])
    assert "primaryDomain should not be empty" in unquote(answer.headers["Location"])


def test_the_app_is_installed_with_the_manifest_and_removed(desk: FirmDesk) -> None:
    assert desk.send("/desk/thena/app", manifest=MANIFEST).headers["Location"] == "/app"
    (app,) = desk.stage.thena.apps.values()
    assert app.tokens[DEMO_ORG]
    assert "HubSpot integration portal" in desk.get("/app").text
    desk.send("/desk/thena/uninstall", app=app.uid)
    assert not app.tokens
    assert "No app is installed" in desk.get("/app").text


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]"])
def test_a_wrong_manifest_is_refused_with_a_sentence(desk: FirmDesk, text: str) -> None:
    answer = desk.send("/desk/thena/app", manifest=text)
    assert "error=" in answer.headers["Location"]
    assert not desk.stage.thena.apps


def test_what_the_app_published_is_shown(desk: FirmDesk) -> None:
    payload = {
        "status": "FAILED",
        "operation": "created",
        "hubspot": {"companyId": "815"},
        "thena": {"accountId": None},
        "error": {"message": "Required fields are empty"},
    }
    told = {"event_name": "hubspot.company.synced", "payload": payload, "timestamp": "now"}
    desk.stage.thena.orgs[DEMO_ORG].published.append(told)
    text = desk.lists()
    for wanted in ("hubspot.company.synced", "FAILED, created", "Required fields are empty", "815"):
        assert wanted in text


def test_a_new_key_ends_the_old_one(desk: FirmDesk) -> None:
    desk.send("/desk/thena/key")
    (key,) = desk.stage.thena.orgs[DEMO_ORG].keys
    assert key != DEMO_KEY
    assert key in desk.lists()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/desk/thena/save", {"object": "accounts", "id": "nobody"}),
        ("/desk/thena/save", {"object": "planets", "id": "1"}),
        ("/desk/thena/save", {}),
        ("/desk/thena/delete", {"object": "contacts", "id": "nobody"}),
        ("/desk/thena/uninstall", {"app": "nobody"}),
        ("/desk/thena/explode", {}),
        ("/save", {"object": "companies", "id": "999"}),
    ],
)
def test_a_button_on_nothing_says_so(desk: FirmDesk, path: str, form: dict[str, str]) -> None:
    answer = desk.send(path, **form)
    assert answer.status == 303
    assert "error=" in answer.headers["Location"]


@pytest.mark.parametrize("query", [{}, {"object": "planets"}, {"object": "accounts", "id": "no"}])
def test_a_record_that_does_not_exist_is_a_404(desk: FirmDesk, query: dict[str, str]) -> None:
    assert desk.get("/desk/thena", **query).status == 404


def test_what_people_type_is_text_and_never_markup(desk: FirmDesk) -> None:
    desk.send(
        "/desk/thena/create",
        object="accounts",
        name="<script>alert(1)</script>",
        primaryDomain="x.example",
    )
    desk.send("/create", object="companies", name="<script>alert(2)</script>")
    assert "<script>" not in desk.lists(error="<script>alert(3)</script>")
