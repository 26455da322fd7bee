"""Forms that are built from specs."""

from __future__ import annotations

from integrations.engine.specs import ConnectorSpec, CredentialField, Option, SettingField
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
