"""The general rules of a sync: conflicts, leaving the filter, deletions, merges, new records."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.catalogue import CONFLICT_POLICIES, EXIT_RULES
from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy, SyncConfig
from integrations.engine.mapping import ConflictPolicy
from integrations.engine.records import Side
from integrations.forms.choices import explained, select

DELETES: Final = {
    DeletePolicy.KEEP: gettext_lazy("Keep the other record and end the link"),
    DeletePolicy.ARCHIVE: gettext_lazy("Archive the other record"),
    DeletePolicy.HOLD: gettext_lazy("Ask a person"),
}
KEEPING: Final = (MergePolicy.KEEP, MergePolicy.HOLD)
MERGES: Final = {
    MergePolicy.KEEP: gettext_lazy("Leave the extra record there, no longer synced"),
    MergePolicy.HOLD: gettext_lazy("Ask a person what becomes of the extra record"),
    MergePolicy.ARCHIVE: gettext_lazy(
        "Remove the extra record, after everything points to the one that is kept"
    ),
}


class PolicyForm(forms.Form):
    """One select per rule, and where new records may be made."""

    def __init__(self, config: SyncConfig, system: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conflict"] = select(
            _("When both sides changed a field to different values"),
            explained(CONFLICT_POLICIES, system),
            config.conflict.value,
            _("A single field can have another rule: see the page “Fields”."),
        )
        self.fields["exit_rule"] = select(
            _("When a linked record no longer meets the filter"),
            explained(EXIT_RULES, system),
            config.exit_rule.value,
        )
        for name, label, can_archive, chosen in (
            ("on_hubspot_delete", "HubSpot", config.target.can_archive, config.on_hubspot_delete),
            ("on_target_delete", system, config.hubspot.can_archive, config.on_target_delete),
        ):
            offered = [p for p in DeletePolicy if can_archive or p is not DeletePolicy.ARCHIVE]
            self.fields[name] = select(
                _("When a record is deleted in %(system)s") % {"system": label},
                [(policy.value, DELETES[policy]) for policy in offered],
                chosen.value,
            )
        merges = [p for p in MergePolicy if config.target.can_archive or p in KEEPING]
        self.fields["merge"] = select(
            _("When two synced records are merged in HubSpot"),
            [(policy.value, MERGES[policy]) for policy in merges],
            config.merge.value,
            _("One record stays in step with the merged one; the other one of %(system)s is extra.")
            % {"system": system},
        )
        sides = [(side, config.side(side).can_create) for side in Side]
        names = {Side.HUBSPOT: "HubSpot", Side.TARGET: system}
        self.fields["create_in"] = forms.MultipleChoiceField(
            label=_("Make records that are missing in"),
            choices=[(side.value, names[side]) for side, able in sides if able],
            initial=[side.value for side in config.create_in],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def policies(self) -> dict[str, Any]:
        """Return what was chosen, for `edits.set_policies`."""
        given = self.cleaned_data
        return {
            "conflict": ConflictPolicy(given["conflict"]),
            "exit_rule": ExitRule(given["exit_rule"]),
            "on_hubspot_delete": DeletePolicy(given["on_hubspot_delete"]),
            "on_target_delete": DeletePolicy(given["on_target_delete"]),
            "merge": MergePolicy(given["merge"]),
            "create_in": [Side(side) for side in given["create_in"]],
        }
