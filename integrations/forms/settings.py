"""The settings form of any integration, built from its spec and HubSpot's live choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from integrations.engine.specs import Option, SettingField


class SettingsForm(forms.Form):
    """One input per setting. A stored value that is no longer offered is shown, marked so."""

    def __init__(
        self,
        fields: Sequence[tuple[SettingField, Sequence[Option]]],
        stored: Mapping[str, str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for field, options in fields:
            value = stored.get(field.key, field.default)
            self.fields[field.key] = _input(field, options, value)


def _input(field: SettingField, options: Sequence[Option], value: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(field.label),
        "help_text": _(field.help_text) if field.help_text else "",
        "initial": value,
    }
    if not options:
        return forms.CharField(max_length=200, **common)
    choices = [(option.value, _(option.label)) for option in options]
    if value not in {key for key, _label in choices}:
        choices.append((value, _("%(value)s (does not exist any more)") % {"value": value}))
    return forms.ChoiceField(choices=choices, **common)
