"""The credential form of any system, built from its spec. Secrets are never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from integrations.engine.specs import ConnectorSpec, CredentialField


class CredentialsForm(forms.Form):
    """One input per credential; `cleaned_data` maps the spec's keys to texts."""

    def __init__(self, spec: ConnectorSpec, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for credential in spec.credentials:
            self.fields[credential.key] = _input(credential)


def _input(credential: CredentialField) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(credential.label),
        "help_text": _(credential.help_text) if credential.help_text else "",
        "required": credential.required,
        "initial": credential.default,
    }
    if credential.options:
        choices = [(option.value, _(option.label)) for option in credential.options]
        return forms.ChoiceField(choices=choices, **common)
    quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    widget: forms.Widget = forms.TextInput(attrs=quiet)
    if credential.secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
    elif credential.is_address:
        widget = forms.URLInput(attrs={**quiet, "placeholder": "https://"})
    return forms.CharField(strip=not credential.secret, max_length=500, widget=widget, **common)
