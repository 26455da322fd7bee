"""What is asked when a draft is published: a note, and for the first load where it starts."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.records import Side


class PublishForm(forms.Form):
    """The first publishing also asks from when on and from which sides records are loaded."""

    def __init__(self, *args: Any, is_first: bool, system: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_first = is_first
        if is_first:
            self.fields["start"] = forms.DateField(
                label=_("Load records changed since"),
                required=False,
                help_text=_("Leave empty to load all records. Later changes always count."),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
            self.fields["sides"] = forms.MultipleChoiceField(
                label=_("Load records from"),
                choices=[(Side.HUBSPOT.value, "HubSpot"), (Side.TARGET.value, system)],
                initial=[side.value for side in Side],
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["note"] = forms.CharField(
            label=_("Note"),
            required=False,
            max_length=500,
            help_text=_("For the list of versions: what changes and why."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def choices(self) -> dict[str, Any]:
        """Return what was chosen, for `publishing.publish`; a date begins in the person's zone."""
        given: dict[str, Any] = {"note": self.cleaned_data["note"]}
        if self.is_first:
            day = self.cleaned_data["start"]
            begins = datetime.combine(day, time.min) if day else None
            given["start"] = timezone.make_aware(begins) if begins else None
            given["sides"] = [Side(side) for side in self.cleaned_data["sides"]]
        return given
