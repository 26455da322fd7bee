"""Addresses of the portal's own pages and endpoints."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from integrations.views import (
    account,
    audit,
    channels,
    connect,
    connections,
    fields,
    filters,
    home,
    manage,
    objects,
    preview,
    records,
    reviews,
    runs,
    status,
    tokens,
    versions,
    why,
)

setup = [
    path("fields/", fields.fields, name="fields"),
    path("fields/add/", fields.add, name="field-add"),
    path("fields/drop/", fields.drop, name="field-drop"),
    path("fields/refresh/", fields.refresh, name="fields-refresh"),
    path("fields/repair/", fields.repair, name="field-repair"),
    path("fields/edit/", fields.rule, name="rule"),
    path("filters/", filters.filters, name="filters"),
    path("filters/count/", filters.count, name="filter-count"),
    path("filters/rules/", filters.policies, name="policies"),
    path("preview/", preview.preview, name="preview"),
    path("preview/start/", preview.start, name="preview-start"),
    path("preview/publish/", preview.publish, name="publish"),
    path("versions/", versions.versions, name="versions"),
    path("versions/back/", versions.roll_back, name="roll-back"),
    path("discard/", versions.discard, name="draft-discard"),
]
integration: list[URLPattern | URLResolver] = [
    path("", status.status, name="status"),
    path("ready/", connect.ready, name="ready"),
    path("why/", why.why, name="why"),
    path("sync-now/", why.sync_now, name="sync-now"),
    path("retry/", why.retry, name="retry"),
    path("records/", records.records, name="records"),
    path("records/export/", objects.export, name="records-export"),
    path("objects/<slug:key>/sync/", objects.sync_now, name="object-sync"),
    path("objects/<slug:key>/pause/", objects.pause, name="object-pause"),
    path("objects/<slug:key>/resume/", objects.resume, name="object-resume"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:number>/", runs.run, name="run"),
    path("runs/<int:number>/cancel/", runs.cancel, name="run-cancel"),
    path("runs/<int:number>/approve/", runs.approve, name="run-approve"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/resolve/", reviews.resolve, name="review-resolve"),
    path("reviews/<int:number>/", reviews.review, name="review"),
    path("settings/", manage.settings, name="settings"),
    path("settings/<slug:key>/schedule/", channels.schedule, name="schedule"),
    path("settings/address/renew/", channels.renew_hook, name="hook-renew"),
    path("settings/webhook/", channels.endpoint, name="endpoint"),
    path("settings/webhook/change/", channels.change_endpoint, name="endpoint-change"),
    path("pause/", manage.pause, name="pause"),
    path("resume/", manage.resume, name="resume"),
    path("repair/", manage.repair, name="repair"),
    path("disconnect/", manage.disconnect, name="disconnect"),
    path("setup/<slug:key>/", include(setup)),
]
tenant: list[URLPattern | URLResolver] = [
    path("", home.tenant, name="tenant"),
    path("audit/", audit.audit, name="audit"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("connect/<slug:system>/", connect.connect, name="connect"),
    path("connect/<slug:system>/<uuid:pk>/", connect.credentials, name="credentials"),
    path("connections/<uuid:pk>/", connections.reauthenticate, name="reauthenticate"),
    path("integrations/<uuid:pk>/", include(integration)),
]
me = [
    path("", account.account, name="account"),
    path("password/", account.PasswordView.as_view(), name="password"),
    path("second-factor/", account.second_factor, name="second-factor"),
    path("second-factor/qr.svg", account.qr_code, name="second-factor-qr"),
    path("second-factor/remove/", account.remove_second_factor, name="second-factor-remove"),
]
urlpatterns = [
    path("", include("integrations.api.urls")),
    path("", home.home, name="home"),
    path("login/", account.LogInView.as_view(), name="login"),
    path("login/code/", account.verify, name="verify"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", include(me)),
    path("oauth/hubspot/callback/", connect.callback, name="oauth-callback"),
    path("t/<slug:slug>/", include(tenant)),
]
