"""Which HubSpot record the extra record of a merge belongs to, when the merge is undone."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

NAMED: Final = "named"
NEW: Final = "new"


class UnmergeForm(forms.Form):
    """A HubSpot id, or the wish for a new record where the integration makes some."""

    def __init__(self, can_create: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [(NAMED, _("It belongs to this HubSpot record:"))]
        ways += [(NEW, _("Make a new HubSpot record from it"))] if can_create else []
        self.fields["way"] = forms.ChoiceField(
            label=_("Which HubSpot record"),
            choices=ways,
            initial=NAMED,
            widget=forms.RadioSelect,
        )
        self.fields["hubspot_id"] = forms.CharField(
            label=_("HubSpot record id"),
            max_length=200,
            required=False,
            help_text=_("The number at the end of the record's address in HubSpot."),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a named record without its id."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("way") == NAMED and not given.get("hubspot_id"):
            self.add_error("hubspot_id", _("Enter the id of the HubSpot record."))
        return given

    @property
    def record_id(self) -> str:
        """The HubSpot id, "" for a new record."""
        return "" if self.cleaned_data["way"] == NEW else str(self.cleaned_data["hubspot_id"])
