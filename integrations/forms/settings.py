"""The settings form of any integration, built from its spec and both systems' live choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from integrations.engine.specs import Option, SettingField, SettingKind

YES = "yes"


class CheckField(forms.BooleanField):
    """A box whose value is a text: "yes" or ""."""

    def prepare_value(self, value: Any) -> bool:
        """Tell whether a stored text stands for a ticked box."""
        return value in (YES, True, "on")

    def clean(self, value: Any) -> str:
        """Return what is stored for the box."""
        return YES if super().clean(value) else ""


class InstantField(forms.DateTimeField):
    """A point in time: entered in the person's zone, stored with its own."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """Return a stored instant as the person's zone shows it."""
        if isinstance(value, str) and value:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
        return super().prepare_value(value)

    def clean(self, value: Any) -> str:
        """Return the instant as ISO 8601, "" for none."""
        found = super().clean(value)
        return found.isoformat() if found else ""


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
        self._groups: dict[str, list[str]] = {}
        for field, options in fields:
            value = stored.get(field.key, field.default)
            self.fields[field.key] = _input(field, options, value)
            self._groups.setdefault(field.group, []).append(field.key)

    @property
    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield the headings with the inputs below them, "" for those without a heading."""
        for heading, keys in self._groups.items():
            yield _(heading) if heading else "", [self[key] for key in keys]


def _input(field: SettingField, options: Sequence[Option], value: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(field.label),
        "help_text": _(field.help_text) if field.help_text else "",
        "initial": value,
    }
    if field.kind is SettingKind.CHECK:
        return CheckField(required=False, **common)
    if field.kind is SettingKind.INSTANT:
        return InstantField(required=field.required, **common)
    if field.kind is SettingKind.LINES:
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 6}),
            max_length=10_000,
            required=field.required,
            **common,
        )
    if not options and field.kind is not SettingKind.CHOICE:
        common["required"] = field.required or bool(field.default)
        return forms.CharField(max_length=200, **common)
    return _choice(field, options, value, common)


def _choice(
    field: SettingField, options: Sequence[Option], value: str, common: dict[str, Any]
) -> forms.Field:
    choices = [(option.value, _(option.label)) for option in options]
    known = {key for key, _label in choices}
    if "" not in known and not field.default:
        choices.insert(0, ("", _("Choose one") if field.required else "–"))
        known.add("")
    if value not in known:
        choices.append((value, _("%(value)s (does not exist any more)") % {"value": value}))
    required = field.required or "" not in known
    return forms.ChoiceField(choices=choices, required=required, **common)
