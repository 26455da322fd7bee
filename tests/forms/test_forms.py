"""Forms that are built from specs."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    Option,
    SettingField,
    SettingKind,
)
from integrations.forms.connect import CredentialsForm
from integrations.forms.settings import SettingsForm

SPEC = ConnectorSpec(
    "toy",
    "Toy",
    credentials=(
        CredentialField("user", "User"),
        CredentialField("password", "Password", secret=True),
        CredentialField("company", "Company", required=False),
    ),
)
STAGE = SettingField("stage", "Stage", default="lead", options_from="contacts.stage")
STAGES = (Option("lead", "Lead"), Option("customer", "Customer"))


def test_each_credential_has_an_input_and_optional_ones_may_stay_empty() -> None:
    form = CredentialsForm(SPEC, {"user": " ada ", "password": " pass word "})

    assert form.is_valid()
    assert form.cleaned_data == {"user": "ada", "password": " pass word ", "company": ""}


def test_a_secret_is_never_put_back_into_the_page() -> None:
    form = CredentialsForm(SPEC, {"user": "", "password": "open-sesame"})

    assert not form.is_valid()
    assert "open-sesame" not in form.as_p()
    assert 'type="password"' in form.as_p()


def test_a_setting_offers_the_live_choices_with_the_stored_one_chosen() -> None:
    form = SettingsForm([(STAGE, STAGES)], {"stage": "customer"})

    assert '<option value="customer" selected>Customer</option>' in form.as_p()


def test_a_setting_without_a_stored_value_shows_its_default() -> None:
    assert '<option value="lead" selected>' in SettingsForm([(STAGE, STAGES)], {}).as_p()


def test_a_choice_that_is_gone_is_shown_and_marked() -> None:
    page = SettingsForm([(STAGE, STAGES)], {"stage": "old"}).as_p()

    assert "old (does not exist any more)" in page


def test_a_setting_without_choices_takes_text() -> None:
    form = SettingsForm([(STAGE, ())], {}, {"stage": "anything"})

    assert form.is_valid()
    assert form.cleaned_data == {"stage": "anything"}


def test_a_value_that_is_not_offered_is_refused() -> None:
    assert not SettingsForm([(STAGE, STAGES)], {}, {"stage": "other"}).is_valid()


# ---------------------------------------------------------------- kinds of settings


def filled(kind: SettingKind, **members: Any) -> SettingField:
    return SettingField("one", "One", kind=kind, **members)


@pytest.mark.parametrize(("posted", "stored"), [({"one": "on"}, "yes"), ({}, "")])
def test_a_box_is_stored_as_yes_or_nothing(posted: dict[str, str], stored: str) -> None:
    form = SettingsForm([(filled(SettingKind.CHECK, default="yes"), ())], {}, posted)

    assert form.is_valid()
    assert form.cleaned_data == {"one": stored}


@pytest.mark.parametrize(("value", "ticked"), [("yes", True), ("", False)])
def test_a_box_shows_what_is_stored(value: str, ticked: bool) -> None:
    page = SettingsForm([(filled(SettingKind.CHECK), ())], {"one": value}).as_p()

    assert ("checked" in page) is ticked


def test_an_instant_is_entered_in_the_persons_zone_and_keeps_it() -> None:
    field = filled(SettingKind.INSTANT)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        form = SettingsForm([(field, ())], {}, {"one": "2026-01-05T08:30"})
        assert form.is_valid()
        assert form.cleaned_data == {"one": "2026-01-05T08:30:00+01:00"}
    with timezone.override(ZoneInfo("UTC")):
        page = SettingsForm([(field, ())], form.cleaned_data).as_p()
        assert 'value="2026-01-05T07:30"' in page


def test_an_empty_instant_is_none_and_a_broken_one_is_shown() -> None:
    field = filled(SettingKind.INSTANT)
    form = SettingsForm([(field, ())], {}, {"one": ""})

    assert form.is_valid()
    assert form.cleaned_data == {"one": ""}
    assert 'value="soon"' in SettingsForm([(field, ())], {"one": "soon"}).as_p()


def test_an_optional_choice_can_be_left_open_and_a_required_one_not() -> None:
    optional = filled(SettingKind.CHOICE, options_from="contacts.x")
    required = filled(SettingKind.CHOICE, options_from="contacts.x", required=True)

    assert SettingsForm([(optional, STAGES)], {}, {"one": ""}).is_valid()
    assert not SettingsForm([(required, STAGES)], {}, {"one": ""}).is_valid()
    assert "Choose one" in SettingsForm([(required, STAGES)], {}).as_p()


def test_lines_keep_their_breaks() -> None:
    form = SettingsForm([(filled(SettingKind.LINES), ())], {}, {"one": "a\nb"})

    assert form.is_valid()
    assert form.cleaned_data == {"one": "a\nb"}


def test_settings_stand_under_their_headings() -> None:
    fields = [
        (SettingField("a", "A"), ()),
        (SettingField("b", "B", group="Deals"), ()),
        (SettingField("c", "C", group="Deals"), ()),
    ]
    found = [
        (heading, [field.name for field in inputs])
        for heading, inputs in SettingsForm(fields, {}).groups
    ]

    assert found == [("", ["a"]), ("Deals", ["b", "c"])]


# ---------------------------------------------------------------- kinds of credentials


def test_credentials_have_defaults_choices_and_addresses() -> None:
    spec = ConnectorSpec(
        "erp",
        "ERP",
        credentials=(
            CredentialField("address", "Address", is_address=True),
            CredentialField("zone", "Zone", default="Europe/Berlin"),
            CredentialField("way", "Way", options=(Option("a", "One"), Option("b", "Two"))),
        ),
    )
    page = CredentialsForm(spec).as_p()

    assert 'type="url"' in page
    assert 'value="Europe/Berlin"' in page
    assert '<option value="b">Two</option>' in page
    given = {"address": "https://x.example", "zone": "UTC", "way": "c"}
    assert list(CredentialsForm(spec, given).errors) == ["way"]
