"""The form that makes a key to the REST API."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.services.tokens import DEFAULT_DAYS, MOST_CHARACTERS, Scope

SCOPES: Final = {
    Scope.INTEGRATIONS_READ: _("Look at integrations and their status"),
    Scope.INTEGRATIONS_WRITE: _("Pause, resume and schedule integrations"),
    Scope.MAPPINGS_READ: _("Look at fields, filters and versions"),
    Scope.MAPPINGS_WRITE: _("Change, preview and publish fields and filters"),
    Scope.RUNS_READ: _("Look at runs"),
    Scope.RUNS_WRITE: _("Start, cancel and approve runs"),
    Scope.RECORDS_READ: _("Look at records and why they are where they are"),
    Scope.RECORDS_WRITE: _("Retry records and resolve conflicts"),
    Scope.AUDIT_READ: _("Read the audit log"),
}
LASTS: Final = ((30, _("30 days")), (DEFAULT_DAYS, _("90 days")), (365, _("1 year")))


class TokenForm(forms.Form):
    """What a token is called, what it opens and how long it works."""

    name = forms.CharField(
        label=_("Name"),
        max_length=MOST_CHARACTERS,
        help_text=_("Where you will use it, for example “Data warehouse”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope.value, words) for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("It works for"), choices=LASTS, coerce=int, initial=DEFAULT_DAYS
    )
