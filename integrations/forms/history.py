"""The form that narrows the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.reasons import Reason
from integrations.services.audit_log import Wanted

MOST_CHARACTERS = 200


class HistoryForm(forms.Form):
    """Everything is optional; days are those of the person's zone, the last one included."""

    def __init__(self, objects: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "f-%s", **kwargs})
        reasons = [(code.value, code.value) for code in Reason]  # the page puts them into words
        self.fields["id"] = forms.CharField(
            label=_("Record id"),
            required=False,
            max_length=MOST_CHARACTERS,
            widget=forms.TextInput(attrs={"class": "form-control"}),
        )
        self.fields["object"] = _select(_("Object"), [("", _("Every object")), *objects])
        self.fields["reason"] = _select(_("Reason"), [("", _("Every reason")), *reasons])
        for name, label in (("since", _("From")), ("until", _("To"))):
            day = forms.DateInput(
                attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"
            )
            self.fields[name] = forms.DateField(label=label, required=False, widget=day)
        box = forms.CheckboxInput(attrs={"class": "form-check-input"})
        self.fields["failed"] = forms.BooleanField(
            label=_("Failures only"), required=False, widget=box
        )

    def wanted(self) -> Wanted:
        """Return what was asked for."""
        given = self.cleaned_data
        return Wanted(
            object_sync=UUID(given["object"]) if given["object"] else None,
            reason=Reason(given["reason"]) if given["reason"] else None,
            failed=given["failed"],
            record=given["id"].strip(),
            since=_begin(given["since"]),
            until=_begin(given["until"] + timedelta(days=1)) if given["until"] else None,
        )


def _begin(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _select(label: str, options: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.ChoiceField(label=label, choices=options, required=False, widget=widget)
