"""How often an object pair looks by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import ObjectSync
from integrations.services.schedules import FULL_DAYS, POLL_MINUTES, SAFETY_HOURS


class ScheduleForm(forms.Form):
    """The three periods of one object pair; what is offered is the service's to say."""

    def __init__(self, row: ObjectSync, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": row.key, **kwargs})
        self.row = row
        self.fields["poll"] = _choice(
            _("Look for recent changes every"),
            [(n, ngettext("%d minute", "%d minutes", n) % n) for n in POLL_MINUTES],
            row.poll_minutes,
        )
        self.fields["safety"] = _choice(
            _("Safety pass every"),
            [(n, ngettext("%d hour", "%d hours", n) % n) for n in SAFETY_HOURS],
            row.safety_hours,
        )
        self.fields["full"] = _choice(
            _("Full pass"), [(n, _every(n)) for n in FULL_DAYS], row.full_days
        )


def _every(days: int) -> str:
    if not days:
        return _("never")
    return ngettext("every day", "every %(days)d days", days) % {"days": days}


def _choice(label: str, options: list[tuple[int, str]], value: int) -> forms.Field:
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.TypedChoiceField(
        label=label, choices=options, coerce=int, initial=value, widget=widget
    )
