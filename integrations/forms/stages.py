"""Typing in a stage of a system that does not list its stages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.engine.extras import Stage


class StageForm(forms.Form):
    """Id, name, place in the order and chance of one stage."""

    stage_id = forms.CharField(label=_("Id"), max_length=200)
    label = forms.CharField(label=_("Name"), max_length=300)
    order = forms.IntegerField(label=_("Place"), min_value=0, max_value=9_999, initial=0)
    chance = forms.IntegerField(label=_("Chance in %"), min_value=0, max_value=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    @property
    def stage(self) -> Stage:
        """The stage that a valid form describes."""
        given = self.cleaned_data
        return Stage(
            given["stage_id"], given["label"], order=given["order"], chance=given["chance"]
        )
