"""Logging in with an optional second factor, and its set-up. Throttling is django-axes' work.

A user with a second factor is logged in only after the code; until then the session just
remembers, for five minutes, whose password was right.
"""

from __future__ import annotations

import time
from base64 import b32encode
from io import BytesIO
from typing import cast

import qrcode
from django.contrib import messages
from django.contrib.auth import get_user_model, login, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathFillImage

from integrations.forms.account import CodeForm, has_second_factor
from integrations.views.actions import posted

PENDING = "second_factor_pending"
PENDING_SECONDS = 300


class LogInView(views.LoginView):
    """User name and password; with a second factor the code is asked on the next page."""

    template_name = "account/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, or remember whose password was right and ask for the code."""
        user = form.get_user()
        if not has_second_factor(user):
            return super().form_valid(form)
        self.request.session.cycle_key()
        self.request.session[PENDING] = {
            "user": user.pk,
            "backend": getattr(user, "backend", ""),
            "until": time.time() + PENDING_SECONDS,
            "next": self.get_redirect_url(),
        }
        return redirect("verify")


class PasswordView(SuccessMessageMixin[PasswordChangeForm], views.PasswordChangeView):
    """Change the own password; other sessions of the person end with it."""

    template_name = "account/password.html"
    success_url = reverse_lazy("account")
    success_message = gettext_lazy("Your password is changed.")


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor's code and finish the log-in."""
    pending = request.session.get(PENDING)
    if not pending or pending["until"] < time.time():
        request.session.pop(PENDING, None)
        return redirect("login")
    user = get_object_or_404(get_user_model(), pk=pending["user"], is_active=True)
    form = CodeForm(posted(request), user=user)
    if request.method == "POST" and form.is_valid():
        login(request, user, backend=pending["backend"])
        otp_login(request, form.device)
        request.session.pop(PENDING, None)
        there = pending["next"]
        safe = url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure())
        return HttpResponseRedirect(there if safe else "/")
    return render(request, "account/verify.html", {"form": form})


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show the person's own settings."""
    user = cast(User, request.user)
    return render(request, "account/account.html", {"has_second_factor": has_second_factor(user)})


@never_cache
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: show the QR code, confirm with a first code."""
    user = cast(User, request.user)
    if has_second_factor(user):
        return redirect("account")
    device = _unconfirmed(user)
    form = CodeForm(posted(request), user=user, device=device)
    if request.method == "POST" and form.is_valid():
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        otp_login(request, device)
        messages.success(request, _("Two-step log-in is on. You will be asked for a code."))
        return redirect("account")
    key = b32encode(device.bin_key).decode()
    return render(request, "account/second_factor.html", {"form": form, "key": key})


@never_cache
@login_required
def qr_code(request: HttpRequest) -> HttpResponse:
    """Draw the QR code of a set-up that is not confirmed yet; a confirmed one is never shown."""
    user = cast(User, request.user)
    device = get_object_or_404(TOTPDevice, user=user, confirmed=False)
    picture = BytesIO()
    qrcode.make(device.config_url, image_factory=SvgPathFillImage, border=2).save(picture)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@require_POST
@login_required
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    """Turn the second factor off; asks for a current code first."""
    user = cast(User, request.user)
    form = CodeForm(request.POST, user=user)
    if form.is_valid():
        TOTPDevice.objects.filter(user=user).delete()
        messages.success(request, _("Two-step log-in is off."))
    else:
        messages.error(request, _("Not turned off: the code was not right."))
    return redirect("account")


def _unconfirmed(user: User) -> TOTPDevice:
    device, _created = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "Authenticator app"}
    )
    return cast(TOTPDevice, device)
