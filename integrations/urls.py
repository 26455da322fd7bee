"""Addresses of the portal's own pages and endpoints."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from integrations.views import account, home

urlpatterns = [
    path("login/", account.LogInView.as_view(), name="login"),
    path("login/code/", account.verify, name="verify"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/second-factor/", account.second_factor, name="second-factor"),
    path("account/second-factor/qr.svg", account.qr_code, name="second-factor-qr"),
    path(
        "account/second-factor/remove/",
        account.remove_second_factor,
        name="second-factor-remove",
    ),
    path("", home.home, name="home"),
]
