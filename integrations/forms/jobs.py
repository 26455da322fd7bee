"""How often a scheduled job starts: one of the periods that are offered, or any number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from integrations.services import jobs
from integrations.services.jobs import JobView


class PeriodForm(forms.Form):
    """The period of one job in minutes; what is possible is the service's to say."""

    def __init__(self, view: JobView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{view.job.pk}-%s", **kwargs})
        self.view = view
        self.fields["minutes"] = self._choice() if view.spec.offered else self._number()
        self.fields["minutes"].label = _("Every")
        self.initial["minutes"] = view.job.minutes

    def _choice(self) -> forms.Field:
        """Offer the job's own periods, and the present one where it is none of them."""
        offered = self.view.spec.offered
        now = self.view.job.minutes
        options = offered if now in offered else (now, *offered)
        return forms.TypedChoiceField(
            choices=[(minutes, jobs.words(minutes)) for minutes in options],
            coerce=int,
            widget=forms.Select(attrs={"class": "form-select form-select-sm w-auto"}),
        )

    def _number(self) -> forms.Field:
        attributes = {"class": "form-control form-control-sm w-auto"}
        return forms.IntegerField(
            min_value=0,
            max_value=99_999,
            widget=forms.NumberInput(attrs=attributes),
            help_text=_("minutes, 0 for never"),
        )
