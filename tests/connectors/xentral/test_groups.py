"""Groups: read by the old interface, joined by the present one, and no association gets lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.connectors.xentral.groups import short_name
from integrations.connectors.xentral.sandbox import DEMO_INIT_KEY
from integrations.engine.errors import ConfigInvalid, Rejected, ReplyLost
from integrations.engine.ports import CreateItem, UpdateItem
from integrations.engine.records import Record, Value
from tests.connectors.xentral.rig import ACCOUNT, AddressRig, Watch

LIST, OF_ONE = "/api/AdresseListeGet", "/api/AdresseGruppenList"


@pytest.fixture
def beta(watch: Watch) -> AddressRig:
    return AddressRig(watch, switches={"v3_beta": True})


def create(rig: AddressRig, **values: Value) -> Record:
    named = {name.replace("gruppe", "gruppe:"): value for name, value in values.items()}
    [outcome] = rig.connector.create(
        "addresses", [CreateItem("1", {"nachname": "Größler", **named})]
    )
    assert outcome.record is not None, outcome.error
    return outcome.record


def membership(rig: AddressRig, ids: list[str], group: str) -> Mapping[str, Value]:
    found = rig.connector.fetch("addresses", ids, [f"gruppe:{group}"])
    return {one: record.values[f"gruppe:{group}"] for one, record in found.items()}


def test_who_is_in_a_group_is_read_with_the_record(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Hubspot", "HUBSPOT")
    inside, outside = addresses.fill(2)
    addresses.person.join(inside, group)
    assert membership(addresses, [inside, outside], group) == {inside: True, outside: False}
    addresses.person.leave(inside, group)
    assert membership(addresses, [inside], group) == {inside: False}


def test_groups_cost_nothing_where_nobody_asks(addresses: AddressRig) -> None:
    made = list(addresses.fill(3))
    addresses.connector.fetch("addresses", made, ["email"])
    assert addresses.counted("POST", OF_ONE) == 0


def test_for_a_page_the_whole_group_is_listed_once(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Hubspot", "HUBSPOT")
    made = list(addresses.fill(30))
    for one in made[::2]:
        addresses.person.join(one, group)
    page = addresses.connector.scan("addresses", "", [f"gruppe:{group}"])
    found = {r.id: r.values[f"gruppe:{group}"] for r in page.records}
    assert found == {one: number % 2 == 0 for number, one in enumerate(made)}
    assert (addresses.counted("POST", LIST), addresses.counted("POST", OF_ONE)) == (1, 0)


def test_another_pass_lists_the_group_anew(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Hubspot", "HUBSPOT")
    made = list(addresses.fill(5))
    assert set(membership(addresses, made, group).values()) == {False}
    addresses.person.join(made[0], group)
    addresses.connector.changes("addresses", "", [])
    assert membership(addresses, made, group)[made[0]] is True
    addresses.person.leave(made[0], group)
    addresses.connector.scan("addresses", "", [])
    assert membership(addresses, made, group)[made[0]] is False


def test_without_the_permission_to_list_it_each_address_is_asked(watch: Watch) -> None:
    rig = AddressRig(watch, {**ACCOUNT, "app": "Einzeln"})
    rights = "list_addresses view_address create_address AdresseGruppenList view_group".split()
    rig.sandbox.add_account("Einzeln", DEMO_INIT_KEY, rights)
    group = rig.person.add_group("Hubspot", "HUBSPOT")
    made = list(rig.fill(5))
    rig.person.join(made[2], group)
    assert membership(rig, made, group) == {one: one == made[2] for one in made}
    assert rig.counted("POST", OF_ONE) == 5


@pytest.mark.parametrize("count", [2, 5])
def test_a_group_that_is_gone_is_not_an_empty_one(addresses: AddressRig, count: int) -> None:
    made = list(addresses.fill(count))
    with pytest.raises(ConfigInvalid, match="is not in Xentral any more"):
        membership(addresses, made, "99")


def test_that_a_group_is_there_is_asked_once_a_pass(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Hubspot", "HUBSPOT")
    first, second = addresses.fill(2)
    for one in (first, second, first):
        assert membership(addresses, [one], group) == {one: False}
    assert addresses.counted("GET", "/api/v1/gruppen/{id}") == 1


# ---------------------------------------------------------------- joining


def test_a_new_address_joins_through_version_3(beta: AddressRig) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    made = create(beta, **{f"gruppe{group}": "v3"})
    assert beta.person.groups_of(made.id) == [group]
    assert made.values[f"gruppe:{group}"] is True


def test_a_new_address_joins_an_association_by_itself(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Hubspot", "HUBSPOT", "verband")
    made = create(addresses, **{f"gruppe{group}": "verband"})
    assert addresses.person.groups_of(made.id) == [group]


def test_an_address_that_was_made_is_kept_although_it_could_not_join(beta: AddressRig) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    beta.answers("/api/v3/customers/", {"title": "Conflict"}, 409)
    made = create(beta, **{f"gruppe{group}": "v3"})
    assert made.values[f"gruppe:{group}"] is False
    assert len(beta.person.all("addresses")) == 1


def test_joining_is_tried_again_when_it_fails_for_a_moment(beta: AddressRig) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    beta.answers("/api/v3/customers/", {"title": "Maintenance"}, 503)
    made = create(beta, **{f"gruppe{group}": "v3"})
    assert beta.person.groups_of(made.id) == [group]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
def test_whatever_keeps_it_out_an_address_that_was_made_is_known(
    beta: AddressRig, status: int
) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    broken = Fault(FaultKind.STATUS, "PATCH", "/api/v3/customers/", status=status, body=b"{}")
    beta.sandbox.faults.inject(broken, 9)
    made = create(beta, **{f"gruppe{group}": "v3"})
    assert made.values[f"gruppe:{group}"] is False
    assert len(beta.person.all("addresses")) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_address_that_is_refused_by_the_group_says_so(beta: AddressRig, status: int) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    [one] = beta.fill(1)
    beta.answers("/api/v3/customers/", {"title": "Conflict"}, status, "PATCH")
    wish = UpdateItem("1", one, {f"gruppe:{group}": "v3", "ort": "Münster"})
    [outcome] = beta.connector.update("addresses", [wish])
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.fields == (f"gruppe:{group}",)
    assert beta.person.get("addresses", one)["ort"] != "Münster"


def test_joining_alone_changes_nothing_else(beta: AddressRig) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    [one] = beta.fill(1)
    [outcome] = beta.connector.update(
        "addresses", [UpdateItem("1", one, {f"gruppe:{group}": "v3"})]
    )
    assert outcome.record is not None
    assert outcome.record.values[f"gruppe:{group}"] is True
    assert beta.counted("PUT", "/api/v1/adressen/{id}") == 0


def test_a_joined_address_is_in_the_group_at_once(beta: AddressRig) -> None:
    group = beta.person.add_group("Hubspot", "HUBSPOT")
    others = list(beta.fill(4))
    assert set(membership(beta, others, group).values()) == {False}
    made = create(beta, **{f"gruppe{group}": "v3"})
    assert membership(beta, [*others, made.id], group)[made.id] is True


# ---------------------------------------------------------------- staying


def test_a_change_does_not_end_an_association(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Verband Süd", "SUED", "verband")
    [made] = addresses.fill(1)
    addresses.connector.update("addresses", [UpdateItem("1", made, {"ort": "Köln"})])
    addresses.sandbox.roles.set_association(int(made), group)
    [outcome] = addresses.connect().update("addresses", [UpdateItem("1", made, {"ort": "Münster"})])
    assert outcome.error is None
    assert addresses.person.groups_of(made) == [group]


def two_associations(rig: AddressRig) -> tuple[str, set[str]]:
    groups = {rig.person.add_group(f"Verband {n}", n, "verband") for n in ("NORD", "SUED")}
    [made] = rig.fill(1)
    for group in groups:
        rig.person.join(made, group)
    return made, groups


def test_an_address_in_two_associations_stays_in_both(beta: AddressRig) -> None:
    made, groups = two_associations(beta)
    other = beta.person.add_group("Newsletter", "NL")
    beta.person.join(made, other)
    [outcome] = beta.connector.update("addresses", [UpdateItem("1", made, {"ort": "Münster"})])
    assert outcome.error is None
    assert set(beta.person.groups_of(made)) == {*groups, other}
    assert beta.person.get("addresses", made)["ort"] == "Münster"


def test_where_it_would_lose_one_of_two_associations_nothing_is_written(
    addresses: AddressRig,
) -> None:
    made, groups = two_associations(addresses)
    [outcome] = addresses.connector.update("addresses", [UpdateItem("1", made, {"ort": "Münster"})])
    assert isinstance(outcome.error, Rejected)
    assert "nothing is changed" in outcome.error.detail
    assert set(addresses.person.groups_of(made)) == groups
    assert addresses.person.get("addresses", made)["ort"] != "Münster"


def test_an_address_in_one_association_is_not_moved_to_another(addresses: AddressRig) -> None:
    made, groups = two_associations(addresses)
    wanted = groups.pop()
    addresses.person.leave(made, wanted)
    wish = UpdateItem("1", made, {f"gruppe:{wanted}": "verband"})
    [outcome] = addresses.connector.update("addresses", [wish])
    assert isinstance(outcome.error, Rejected)
    assert set(addresses.person.groups_of(made)) == groups


def test_that_a_second_association_could_not_be_given_back_is_said(beta: AddressRig) -> None:
    made, _groups = two_associations(beta)
    broken = Fault(FaultKind.STATUS, "PATCH", "/api/v3/customers/", status=503, body=b"{}")
    beta.sandbox.faults.inject(broken, 9)
    [outcome] = beta.connector.update("addresses", [UpdateItem("1", made, {"ort": "Münster"})])
    assert isinstance(outcome.error, ReplyLost)
    assert "Put it back" in outcome.error.detail


def test_a_change_puts_nobody_into_an_association(addresses: AddressRig) -> None:
    addresses.person.add_group("Verband Süd", "SUED", "verband")
    [made] = addresses.fill(1)
    addresses.connector.update("addresses", [UpdateItem("1", made, {"ort": "Münster"})])
    assert addresses.person.groups_of(made) == []


def test_without_associations_a_change_is_one_call(addresses: AddressRig) -> None:
    first, second = addresses.fill(2)
    addresses.connector.update("addresses", [UpdateItem("1", first, {"ort": "Köln"})])
    before = addresses.total()
    addresses.connector.update("addresses", [UpdateItem("1", second, {"ort": "Köln"})])
    assert addresses.total() - before == 1


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Hubspot", "HUBSPOT"),
        ("Börse & Größe", "BOERSE-GROESSE"),
        (" Freigabe_2 ", "FREIGABE_2"),
        ("測試", "HUBSPOT"),
    ],
)
def test_a_short_name_has_letters_and_digits_only(name: str, short: str) -> None:
    assert short_name(name) == short


def test_groups_are_fields_that_can_be_asked_about(addresses: AddressRig) -> None:
    group = addresses.person.add_group("Größe L", "L")
    found = {spec.name: spec for spec in addresses.connector.describe("addresses")}
    assert found[f"gruppe:{group}"].label == "In the group Größe L"
