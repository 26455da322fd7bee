"""The sandbox's calls on single records and lists behave as HubSpot's."""

from __future__ import annotations

import pytest

from tests.connectors.hubspot.sandbox_rig import COMPANIES, CONTACTS, SandboxRig


def test_a_created_contact_answers_201_with_its_place_and_only_what_was_set(
    hub: SandboxRig,
) -> None:
    body = {"properties": {"email": "  Ada@Acme.Example ", "firstname": "Ada"}}
    answer = hub.call("POST", CONTACTS, body)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/contacts/{made['id']}")
    assert made["properties"]["email"] == "ada@acme.example"
    assert made["properties"]["lifecyclestage"] == "lead"
    assert "phone" not in made["properties"]
    assert answer.headers["X-HubSpot-Correlation-Id"]


def test_values_are_strings_or_null_and_unknown_names_are_left_out(hub: SandboxRig) -> None:
    contact = hub.contact(annualrevenue="12")
    found = hub.get(f"{CONTACTS}/{contact}", properties="annualrevenue,phone,nosuch")["properties"]
    assert (found["annualrevenue"], found["phone"]) == ("12", None)
    assert "nosuch" not in found
    assert found["hs_object_id"] == contact


def test_the_default_properties_come_without_asking(hub: SandboxRig) -> None:
    found = hub.get(f"{CONTACTS}/{hub.contact()}")
    assert set(found["properties"]) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }
    assert found["createdAt"] == "2026-11-20T09:00:00Z"
    assert found["url"].endswith(f"/contacts/4711001/record/0-1/{found['id']}")


def test_a_fraction_of_a_second_is_shown_only_when_there_is_one(hub: SandboxRig) -> None:
    hub.wait(0.12)
    assert hub.get(f"{CONTACTS}/{hub.contact()}")["createdAt"] == "2026-11-20T09:00:00.120Z"


def test_writing_the_same_value_changes_nothing(hub: SandboxRig) -> None:
    contact = hub.contact(city="Berlin")
    before = hub.values(contact, "lastmodifieddate")
    hub.wait(5)
    hub.patch(f"{CONTACTS}/{contact}", {"city": "Berlin"})
    assert hub.values(contact, "lastmodifieddate") == before
    hub.patch(f"{CONTACTS}/{contact}", {"city": "Bonn"})
    assert hub.values(contact, "lastmodifieddate") != before


def test_a_taken_email_answers_409_with_the_id_only_in_the_text(hub: SandboxRig) -> None:
    contact = hub.contact(email="ada@acme.example")
    answer = hub.call("POST", CONTACTS, {"properties": {"email": "ADA@acme.example"}})
    body = answer.json()
    assert (answer.status_code, body["category"]) == (409, "CONFLICT")
    assert body["message"] == f"Contact already exists. Existing ID: {contact}"


def test_an_additional_address_is_taken_too(hub: SandboxRig) -> None:
    hub.contact(email="ada@acme.example", hs_additional_emails="ada@home.example")
    answer = hub.call("POST", CONTACTS, {"properties": {"email": "ada@home.example"}})
    assert answer.status_code == 409


def test_an_archived_contact_is_found_only_when_asked_for_and_frees_its_email(
    hub: SandboxRig,
) -> None:
    contact = hub.contact(email="ada@acme.example")
    assert hub.call("DELETE", f"{CONTACTS}/{contact}").status_code == 204
    gone = hub.call("GET", f"{CONTACTS}/{contact}")
    assert gone.status_code == 404
    assert "category" not in gone.json()
    found = hub.get(f"{CONTACTS}/{contact}", archived="true")
    assert found["archived"] is True
    assert found["archivedAt"] == "2026-11-20T09:00:00Z"
    assert hub.contact(email="ada@acme.example") != contact


def test_lists_show_live_or_archived_records_never_both(hub: SandboxRig) -> None:
    kept, gone = hub.contact(), hub.contact()
    hub.call("DELETE", f"{CONTACTS}/{gone}")
    assert [r["id"] for r in hub.get(CONTACTS)["results"]] == [kept]
    assert [r["id"] for r in hub.get(CONTACTS, archived="true")["results"]] == [gone]


def test_lists_page_by_id_until_there_is_no_next_page(hub: SandboxRig) -> None:
    made = [hub.contact(email=f"c{n}@acme.example") for n in range(25)]
    seen, after = [], "0"
    while after:
        page = hub.get(CONTACTS, limit=10, after=after)
        seen += [record["id"] for record in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after", "")
    assert seen == made


@pytest.mark.parametrize("query", [{"limit": 101}, {"limit": 51, "propertiesWithHistory": "email"}])
def test_a_page_has_its_limit(hub: SandboxRig, query: dict[str, str | int]) -> None:
    assert hub.call("GET", CONTACTS, **query).status_code == 400


def test_history_names_who_changed_what_newest_first(hub: SandboxRig) -> None:
    contact = hub.contact(city="Berlin")
    hub.wait(60)
    hub.person.edit_contact(contact, {"city": "Bonn"})
    found = hub.get(f"{CONTACTS}/{contact}", propertiesWithHistory="city")
    versions = found["propertiesWithHistory"]["city"]
    assert [v["value"] for v in versions] == ["Bonn", "Berlin"]
    assert [v["sourceType"] for v in versions] == ["CRM_UI", "INTEGRATION"]
    assert versions[1]["sourceId"] == "202020"


@pytest.mark.parametrize(
    "base",
    ["/crm/objects/2026-09/contacts", "/crm/objects/2026-03/0-1", "/crm/v3/objects/contact"],
)
def test_dated_and_legacy_paths_reach_the_same_records(hub: SandboxRig, base: str) -> None:
    contact = hub.contact(email="ada@acme.example")
    assert hub.get(f"{base}/ada@acme.example", idProperty="email")["id"] == contact


def test_what_cannot_be_understood_has_its_own_status(hub: SandboxRig) -> None:
    assert hub.call("GET", "/crm/objects/2026-09/unicorns").status_code == 400
    assert hub.call("GET", f"{CONTACTS}/abc").status_code == 400
    assert hub.call("GET", f"{CONTACTS}/1").status_code == 404
    assert hub.call("GET", "/crm/nowhere").status_code == 404
    assert hub.call("GET", CONTACTS, properties="x" * 9000).status_code == 414
    url = f"https://api.hubapi.com{CONTACTS}"
    plain = {"Content-Type": "text/plain"}
    assert hub.session.post(url, data=b"{}", headers=plain).status_code == 415
    bad = hub.session.post(url, data=b"{", headers={"Content-Type": "application/json"})
    assert bad.status_code == 400


def test_a_forgotten_contact_is_gone_for_good_and_not_entered_again_by_hand(
    hub: SandboxRig,
) -> None:
    contact = hub.contact(email="ada@acme.example")
    hub.post(
        f"{CONTACTS}/gdpr-delete", {"objectId": "ada@acme.example", "idProperty": "email"}, 204
    )
    assert hub.call("GET", f"{CONTACTS}/{contact}", archived="true").status_code == 404
    with pytest.raises(Exception, match="privacy"):
        hub.person.create_contact({"email": "ada@acme.example"})
    assert hub.contact(email="ada@acme.example") != contact


def test_a_restored_contact_lives_again_under_its_id(hub: SandboxRig) -> None:
    contact = hub.contact(email="ada@acme.example")
    hub.person.delete_contact(contact)
    hub.person.restore_contact(contact)
    assert hub.values(contact, "email") == {"email": "ada@acme.example"}


def test_a_contact_gets_its_company_by_email_domain_where_the_portal_does_so(
    hub: SandboxRig,
) -> None:
    hub.sandbox.behaviour.auto_companies = True
    first, second = hub.contact(email="a@acme.example"), hub.contact(email="b@acme.example")
    companies = hub.get(COMPANIES, properties="domain,hs_object_source_label")["results"]
    assert [c["properties"]["domain"] for c in companies] == ["acme.example"]
    assert companies[0]["properties"]["hs_object_source_label"] == "CRM_SETTING"
    for contact in (first, second):
        found = hub.values(contact, "associatedcompanyid")
        assert found == {"associatedcompanyid": companies[0]["id"]}


def test_two_accounts_give_out_the_same_ids(hub: SandboxRig) -> None:
    other = hub.sandbox.add_account(4711002, "Other")
    assert other.create_contact({"firstname": "A"}) == hub.person.create_contact({"firstname": "B"})


def test_a_restored_contact_leaves_an_email_that_was_taken_meanwhile(hub: SandboxRig) -> None:
    first = hub.contact(email="ada@acme.example", city="Bonn")
    hub.person.delete_contact(first)
    second = hub.contact(email="ada@acme.example")
    hub.person.restore_contact(first)
    assert hub.values(first, "email", "city") == {"email": None, "city": "Bonn"}
    assert hub.get(f"{CONTACTS}/ada@acme.example", idProperty="email")["id"] == second
