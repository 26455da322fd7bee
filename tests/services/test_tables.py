"""Rules and filters that name a table hold its entries of now, each side its own values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.config import SideObject, SyncConfig
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import FieldRule
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import ABSENT, BLANK, Record, Side
from integrations.engine.specs import ConnectorSpec, TableSpec
from integrations.models import Integration, TableEntry
from integrations.services import connectors, tables
from tests import factories
from tests.engine.cases import NOW

H, T = Side.HUBSPOT, Side.TARGET
RULE = FieldRule("owner", "user", transform="table", arguments=(("@name", "owners"),))
OF_TABLE = Condition("x", Operator.ANY_OF, ("@table:owners", "more"))
CONFIG = SyncConfig(
    SideObject("deals"),
    SideObject("tasks"),
    (RULE,),
    filters=((H, Filter(((OF_TABLE,),))), (T, Filter(((OF_TABLE,),)))),
)
SPEC = ConnectorSpec("twin", "Twin", tables=(TableSpec("owners", "Owners", otherwise="default"),))


@pytest.fixture
def integration(db: None, monkeypatch: pytest.MonkeyPatch) -> Integration:
    """An integration with three owners, two of them one user, and one not assigned."""
    monkeypatch.setattr(connectors, "spec_of", lambda _key: SPEC)
    row = factories.object_sync().integration
    for order, (value, target) in enumerate((("1", "ann"), ("2", "ben"), ("3", "ann"), ("4", ""))):
        TableEntry.objects.create(
            tenant=row.tenant,
            integration=row,
            table="owners",
            hubspot_value=value,
            target_value=target,
            order=order,
        )
    return row


def put_away(integration: Integration, owner: str) -> None:
    TableEntry.objects.filter(integration=integration, hubspot_value=owner).update(
        hubspot_gone=True
    )


def test_a_rule_gets_the_entries_and_what_stands_in_for_the_rest(integration: Integration) -> None:
    integration.settings = {"default": "zoe"}
    mapper = mapper_of(tables.fill(integration, CONFIG))
    sent = [
        mapper.translate(Record("9", {"owner": owner}), H, NOW).values["user"]
        for owner in ("1", "2", "3", "4", "5")
    ]
    assert sent == ["ann", "ben", "ann", "zoe", "zoe"]


def test_the_first_of_several_entries_is_the_way_back(integration: Integration) -> None:
    mapper = mapper_of(tables.fill(integration, CONFIG))
    found = mapper.translate(Record("9", {"user": "ann"}), T, NOW)
    assert found.values["owner"] == "1"


def test_of_several_owners_of_a_person_the_one_that_hubspot_holds_returns(
    integration: Integration,
) -> None:
    mapper = mapper_of(tables.fill(integration, CONFIG))
    seen = Record("9", {"user": "ann"})
    for held, returns in (("3", "3"), ("2", "1"), ("", "1")):
        found = mapper.translate(seen, T, NOW, Record("1", {"owner": held or BLANK}))
        assert found.values["owner"] == returns
    put_away(integration, "3")
    mapper = mapper_of(tables.fill(integration, CONFIG))
    assert mapper.translate(seen, T, NOW, Record("1", {"owner": "3"})).values["owner"] == "1"


def test_an_owner_in_use_is_the_way_back_before_one_that_hubspot_put_away(
    integration: Integration,
) -> None:
    put_away(integration, "1")
    mapper = mapper_of(tables.fill(integration, CONFIG))
    assert mapper.translate(Record("9", {"user": "ann"}), T, NOW).values["owner"] == "3"
    assert mapper.translate(Record("9", {"owner": "1"}), H, NOW).values["user"] == "ann"


@pytest.mark.parametrize("unknown", ["fail", "leave"])
def test_a_person_whose_owners_are_all_put_away_is_like_one_without(
    unknown: str, integration: Integration
) -> None:
    put_away(integration, "2")
    rule = replace(RULE, arguments=(*RULE.arguments, ("@unknown", unknown)))
    mapper = mapper_of(tables.fill(integration, replace(CONFIG, rules=(rule,))))
    found = mapper.translate(Record("9", {"user": "ben"}), T, NOW)
    assert "owner" not in found.values or found.values["owner"] is ABSENT
    assert bool(found.notes) is (unknown == "fail")
    assert mapper.translate(Record("9", {"owner": "2"}), H, NOW).values["user"] == "ben"


def test_a_filter_gets_the_values_of_its_own_side(integration: Integration) -> None:
    filled = tables.fill(integration, CONFIG)
    (asked,), (asked_there,) = (filled.filter_for(side).groups[0] for side in (H, T))
    assert asked.operands == ("1", "2", "3", "more")
    assert asked_there.operands == ("ann", "ben", "more")


def test_a_configuration_without_tables_stays_as_it_is_and_asks_nobody(
    integration: Integration, django_assert_num_queries: object
) -> None:
    plain = replace(CONFIG, rules=(FieldRule("a", "b"),), filters=())
    assert tables.fill(integration, plain) is plain
