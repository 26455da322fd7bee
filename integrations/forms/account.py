"""The log-in's second step and the second factor's set-up."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user, match_token
from django_otp.models import Device


class CodeForm(forms.Form):
    """A six-digit code from an authenticator app, or a one-time recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
        help_text=_("The six digits your authenticator app shows now."),
    )

    def __init__(self, *args: object, user: User, device: Device | None = None, **kwargs: object):
        """With `device` only that one is asked (set-up); else any confirmed one of the user."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user
        self.device = device

    def clean_code(self) -> str:
        """Check the code with the device, which throttles and refuses repeats itself."""
        code: str = self.cleaned_data["code"].replace(" ", "")
        if self.device is None:
            self.device = match_token(self.user, code)
        elif not self.device.verify_token(code):
            self.device = None
        if self.device is None:
            raise ValidationError(
                _("The code is wrong or was used already. Wait for the next one.")
            )
        return code


def has_second_factor(user: User) -> bool:
    """Tell whether logging in asks this user for a code."""
    return any(devices_for_user(user))
