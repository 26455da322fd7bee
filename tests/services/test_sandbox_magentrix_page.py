"""The sandbox's page for HubSpot and Magentrix: both sides' forms, the bin and Setup."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from integrations.connectors.magentrix.sandbox import DEMO_KEY
from integrations.services import sandbox_vendor
from integrations.services.sandbox_vendor import PORTAL_ID
from tests.services.test_sandbox_page import Answer, Desk

VENDOR = str(PORTAL_ID)


class VendorDesk(Desk):
    """Somebody of the manufacturer in front of the page."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        sandbox_vendor.furnish(self.stage.hubspot, self.stage.magentrix)
        self.vendor = self.stage.hubspot.account(PORTAL_ID)
        self.admin = self.stage.magentrix.person()

    def lists(self, **query: str) -> str:
        return self.get("/", portal=VENDOR, **query).text

    def send(self, path: str, **form: str) -> Answer:
        return self.post(path, **({"portal": VENDOR} | form))

    def named(self, entity: str, name: str) -> str:
        (row,) = (row for row in self.admin.all(entity) if row["Name"] == name)
        return str(row["Id"])

    def newest(self, kind: str) -> str:
        return str(self.vendor.state.stores[kind].live[-1])


@pytest.fixture
def desk(tmp_path: Path) -> VendorDesk:
    return VendorDesk(tmp_path)


def test_both_sides_are_shown_beside_each_other(desk: VendorDesk) -> None:
    text = desk.lists()
    for wanted in (
        "Arden Optics",
        "Spectrometers for Leeds",
        "Sales Pipeline – Qualified To Buy",
        "raj.mehta@northfield.example",
        "Elmstead Trading",
        "referred by Orla Arden",
        "partner Arden Optics",
        "Employee, inactive",
    ):
        assert wanted in text
    assert "No patients" not in text


def test_each_account_has_a_tab_that_names_the_system_beside_it(desk: VendorDesk) -> None:
    text = desk.lists()
    assert "Northfield Instruments · Magentrix" in text
    assert "Test Practice · RXNT" in text


# ---------------------------------------------------------------- HubSpot


def test_a_deal_is_created_moved_and_deleted(desk: VendorDesk) -> None:
    company, contact = desk.newest("companies"), desk.newest("contacts")
    form = {"object": "deals", "dealname": "Anvils", "has_contacts": "1", "contacts": contact}
    desk.send("/create", **form, stage="default:qualifiedtobuy", primary=company, amount="5")
    deal = desk.newest("deals")
    assert desk.vendor.read("deals", deal)["dealstage"] == "qualifiedtobuy"
    assert desk.vendor.primary_company("deals", deal) == company
    assert desk.vendor.partners("deals", deal, "contacts") == [contact]
    shown = desk.get("/deal", portal=VENDOR, id=deal).text
    assert '<option value="default:qualifiedtobuy" selected>' in shown
    assert f'<option value="{company}" selected>' in shown
    desk.send("/save", **form, id=deal, stage="default:closedwon", primary="")
    assert desk.vendor.read("deals", deal)["dealstage"] == "closedwon"
    assert desk.vendor.primary_company("deals", deal) == ""
    desk.send("/delete", object="deals", id=deal)
    assert "Recycle bin" in desk.lists()


def test_the_primary_company_of_a_contact_is_changed(desk: VendorDesk) -> None:
    contact, company = desk.newest("contacts"), str(desk.vendor.state.stores["companies"].live[0])
    before = desk.vendor.primary_company("contacts", contact)
    assert before not in ("", company)
    desk.send("/save", object="contacts", id=contact, primary=company)
    assert desk.vendor.primary_company("contacts", contact) == company
    desk.send("/save", object="contacts", id=contact, firstname="Gus")
    assert desk.vendor.primary_company("contacts", contact) == company


def test_an_owner_is_chosen_by_e_mail(desk: VendorDesk) -> None:
    company = desk.newest("companies")
    assert "lena.ortiz@northfield.example" in desk.get("/company", portal=VENDOR, id=company).text
    desk.send("/save", object="companies", id=company, hubspot_owner_id="20113")
    assert desk.vendor.read("companies", company)["hubspot_owner_id"] == "20113"


def test_only_accounts_that_sell_show_owners(desk: VendorDesk) -> None:
    assert "hubspot_owner_id" not in desk.get("/contact", portal="77").text


# ---------------------------------------------------------------- Magentrix


def test_an_account_is_created_edited_deleted_and_restored(desk: VendorDesk) -> None:
    desk.send("/desk/magentrix/create", object="Account", Name="Fern", NumberOfEmployees="12",
              Industry="Retail", Website="", IsActive="true")  # fmt: skip
    account = desk.named("Account", "Fern")
    row = desk.admin.get("Account", account)
    assert (row["NumberOfEmployees"], row["Industry"], row["Website"]) == (12, "Retail", None)
    desk.send("/desk/magentrix/save", object="Account", id=account, Name="Fern & Co")
    row = desk.admin.get("Account", account)
    assert (row["Name"], row["Industry"], row["IsActive"]) == ("Fern & Co", "Retail", True)
    assert "Fern &amp; Co" in desk.get("/desk/magentrix", object="Account", id=account).text
    desk.send("/desk/magentrix/delete", object="Account", id=account)
    assert "Recycle bin" in desk.lists()
    desk.send("/desk/magentrix/restore", object="Account", id=account)
    assert desk.named("Account", "Fern & Co") == account
    assert "Recycle bin" not in desk.lists()


def test_a_form_shows_every_field_that_can_be_written_with_its_choices(desk: VendorDesk) -> None:
    account = desk.named("Account", "Elmstead Trading")
    desk.admin.edit("Account", account, Regions__c="EMEA;APAC")
    text = desk.get("/desk/magentrix", object="Account", id=account).text
    parent = desk.named("Account", "Arden Optics")
    assert f'<option value="{parent}" selected>Arden Optics</option>' in text
    assert '<option value="EMEA" selected>EMEA</option>' in text
    assert '<option value="Registered" selected>' in text
    assert 'name="NumberOfEmployees" type="number"' in text
    assert 'name="ModifiedOn"' not in text
    contact = desk.get("/desk/magentrix", object="Contact").text
    assert 'name="Birthdate" type="date"' in contact
    assert 'name="Name"' not in contact


def test_several_values_are_chosen_and_taken_back(desk: VendorDesk) -> None:
    account = desk.named("Account", "Arden Optics")
    form = {"object": "Account", "id": account, "has_Regions__c": "1"}
    desk.send("/desk/magentrix/save", **form, Regions__c="EMEA;AMER")
    assert desk.admin.get("Account", account)["Regions__c"] == "EMEA;AMER"
    desk.send("/desk/magentrix/save", **form)
    assert desk.admin.get("Account", account)["Regions__c"] is None


def test_a_box_that_is_not_ticked_is_a_no(desk: VendorDesk) -> None:
    contact = desk.named("Contact", "Orla Arden")
    desk.send("/desk/magentrix/save", object="Contact", id=contact, IsActive="")
    assert desk.admin.get("Contact", contact)["IsActive"] is False


def test_what_is_linked_shows_the_id_in_hubspot(desk: VendorDesk) -> None:
    desk.admin.add_field("Account", Name="HubSpotId__c", FieldType="Text", IsUnique=True)
    desk.admin.edit("Account", desk.named("Account", "Arden Optics"), HubSpotId__c="815-linked")
    assert "815-linked" in desk.lists()


def test_magentrixs_own_refusal_is_repeated(desk: VendorDesk) -> None:
    answer = desk.send("/desk/magentrix/create", object="Account", Website="no address")
    told = unquote(answer.headers["Location"])
    assert "Magentrix says: Website: a web address is expected. Account Name is required." in told


# ---------------------------------------------------------------- Setup


def test_the_manual_steps_for_a_link_field_can_be_followed(desk: VendorDesk) -> None:
    answer = desk.send(
        "/desk/magentrix/field",
        object="Account",
        name="HubSpotId__c",
        label="HubSpot Id",
        type="Text",
        length="50",
        unique="true",
    )
    assert answer.headers["Location"] == "/setup"
    field = desk.admin.field("Account", "HubSpotId__c")
    assert (field.label, field.type, field.length, field.unique) == ("HubSpot Id", "Text", 50, True)
    assert "HubSpot Id" in desk.get("/desk/magentrix", object="Account").text


def test_a_picklist_gets_a_value(desk: VendorDesk) -> None:
    assert '<option value="Opportunity.Stage">' in desk.get("/setup").text
    desk.send("/desk/magentrix/value", picklist="Opportunity.Stage", value="On hold")
    assert "On hold" in desk.get("/desk/magentrix", object="Opportunity").text


def test_a_rule_refuses_what_people_do_until_it_is_removed(desk: VendorDesk) -> None:
    rule = {"object": "Account", "field": "Name", "contains": "Fern", "message": "No ferns."}
    desk.send("/desk/magentrix/rule", **rule)
    assert "Account.Name must not hold “Fern”: No ferns." in desk.get("/setup").text
    answer = desk.send("/desk/magentrix/create", object="Account", Name="Fern & Co")
    assert "No ferns." in unquote(answer.headers["Location"])
    desk.send("/desk/magentrix/rules")
    assert "No ferns." not in desk.get("/setup").text


def test_set_up_calls_are_switched_off_and_on(desk: VendorDesk) -> None:
    for expected in (False, True):
        desk.send("/desk/magentrix/setup")
        assert desk.stage.magentrix.behaviour.setup_api is expected
    assert "Switch that off" in desk.get("/setup").text


def test_a_new_key_ends_the_old_one(desk: VendorDesk) -> None:
    assert DEMO_KEY in desk.get("/setup").text
    desk.send("/desk/magentrix/key")
    (key,) = desk.stage.magentrix.portal.keys
    assert key != DEMO_KEY
    assert key in desk.get("/setup").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/desk/magentrix/save", {"object": "Account", "id": "nobody"}),
        ("/desk/magentrix/save", {"object": "Planet", "id": "1"}),
        ("/desk/magentrix/save", {"object": "Account", "id": "1", "NumberOfEmployees": "many"}),
        ("/desk/magentrix/save", {}),
        ("/desk/magentrix/delete", {"object": "Contact", "id": "nobody"}),
        ("/desk/magentrix/restore", {"object": "Contact", "id": "nobody"}),
        ("/desk/magentrix/field", {"object": "Account", "name": "x", "type": "Text"}),
        ("/desk/magentrix/value", {"picklist": "Account.Name", "value": "x"}),
        ("/desk/magentrix/value", {"picklist": "nothing", "value": "x"}),
        ("/desk/magentrix/explode", {}),
        ("/desk/jupiter/save", {}),
        ("/save", {"object": "deals", "id": "999"}),
        ("/create", {"object": "deals", "dealname": "No stage"}),
    ],
)
def test_a_button_on_nothing_says_so(desk: VendorDesk, path: str, form: dict[str, str]) -> None:
    answer = desk.send(path, **form)
    assert answer.status == 303
    assert "error=" in answer.headers["Location"]


@pytest.mark.parametrize("query", [{}, {"object": "Planet"}, {"object": "Account", "id": "no"}])
def test_a_record_that_does_not_exist_is_a_404(desk: VendorDesk, query: dict[str, str]) -> None:
    assert desk.get("/desk/magentrix", **query).status == 404


def test_what_people_type_is_text_and_never_markup(desk: VendorDesk) -> None:
    desk.send("/desk/magentrix/create", object="Account", Name="<script>alert(1)</script>")
    desk.send("/create", object="deals", dealname="<script>alert(2)</script>",
              stage="default:closedwon")  # fmt: skip
    desk.send("/desk/magentrix/rule", object="Account", field="<script>", contains="x", message="y")
    assert "<script>" not in desk.lists(error="<script>alert(3)</script>")
    assert "<script>" not in desk.get("/setup").text
