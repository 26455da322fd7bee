"""Logging in and out, throttling, and the second factor."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.views.conftest import Enter

PASSWORD = "a-long-pass-phrase"


@pytest.fixture
def ada(db: None) -> User:
    """Give somebody who may log in."""
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def device(ada: User) -> TOTPDevice:
    """Give Ada a confirmed authenticator app."""
    made: TOTPDevice = TOTPDevice.objects.create(user=ada, name="app", confirmed=True)
    return made


def code_of(device: TOTPDevice, offset: int = 0) -> str:
    """Return what the app shows now."""
    return f"{totp(device.bin_key, t0=-offset * 30):06d}"


def log_in(client: Client, password: str = PASSWORD, there: str = "") -> str:
    """Fill in the log-in form; return where it leads, "" when it is shown again."""
    form = {"username": "ada", "password": password, "next": there}
    return client.post(reverse("login"), form).headers.get("Location", "")


def is_in(client: Client) -> bool:
    """Tell whether somebody is logged in."""
    return "_auth_user_id" in client.session


def test_without_a_second_factor_the_password_is_enough(ada: User, client: Client) -> None:
    assert log_in(client, there="/account/") == "/account/"
    assert is_in(client)


def test_a_wrong_password_is_refused(ada: User, client: Client) -> None:
    assert log_in(client, "wrong") == ""
    assert not is_in(client)


@override_settings(AXES_FAILURE_LIMIT=3)
def test_guessing_passwords_is_stopped(ada: User, client: Client) -> None:
    for _ in range(3):
        log_in(client, "wrong")

    answer = client.post(reverse("login"), {"username": "ada", "password": PASSWORD})

    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert not is_in(client)


def test_with_a_second_factor_the_password_alone_lets_nobody_in(
    device: TOTPDevice, client: Client
) -> None:
    assert log_in(client, there="/account/") == reverse("verify")
    assert not is_in(client)
    assert client.get("/account/").status_code == 302


def test_the_right_code_finishes_the_log_in(device: TOTPDevice, client: Client) -> None:
    log_in(client, there="/account/")

    answer = client.post(reverse("verify"), {"code": code_of(device)})

    assert answer.headers["Location"] == "/account/"
    assert is_in(client)


def test_a_code_works_once(device: TOTPDevice, client: Client) -> None:
    code = code_of(device)
    log_in(client)
    client.post(reverse("verify"), {"code": code})
    other = Client()
    log_in(other)

    page = other.post(reverse("verify"), {"code": code}).content.decode()

    assert "used already" in page
    assert not is_in(other)


def test_guessing_codes_is_slowed_down(device: TOTPDevice, client: Client) -> None:
    log_in(client)
    for guess in ("000000", "000001"):
        client.post(reverse("verify"), {"code": guess})

    client.post(reverse("verify"), {"code": code_of(device)})

    assert not is_in(client)


def test_the_password_is_forgotten_after_five_minutes(
    device: TOTPDevice, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client)
    now = time.time()
    monkeypatch.setattr("integrations.views.account.time.time", lambda: now + 301)

    answer = client.post(reverse("verify"), {"code": code_of(device)})

    assert answer.headers["Location"] == reverse("login")
    assert not is_in(client)


def test_the_code_page_is_useless_without_a_password(device: TOTPDevice, client: Client) -> None:
    answer = client.post(reverse("verify"), {"code": code_of(device)})

    assert answer.headers["Location"] == reverse("login")
    assert not is_in(client)


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_logging_in_never_leads_to_another_site(
    there: str, device: TOTPDevice, client: Client
) -> None:
    log_in(client, there=there)

    answer = client.post(reverse("verify"), {"code": code_of(device)})

    assert answer.headers["Location"] == "/"


def test_a_second_factor_is_set_up_by_picture_and_first_code(ada: User, enter: Enter) -> None:
    client = enter(ada)
    page = client.get(reverse("second-factor")).content.decode()
    assert reverse("second-factor-qr") in page
    assert b"<svg" in client.get(reverse("second-factor-qr")).content
    device = TOTPDevice.objects.get(user=ada)
    assert not device.confirmed

    client.post(reverse("second-factor"), {"code": code_of(device)})

    device.refresh_from_db()
    assert device.confirmed
    assert client.get(reverse("second-factor-qr")).status_code == 404


def test_a_wrong_first_code_turns_nothing_on(ada: User, enter: Enter) -> None:
    client = enter(ada)
    client.get(reverse("second-factor"))

    page = client.post(reverse("second-factor"), {"code": "12 34"}).content.decode()

    assert "The code is wrong" in page
    assert not TOTPDevice.objects.get(user=ada).confirmed


def test_turning_it_off_needs_a_code(device: TOTPDevice, ada: User, enter: Enter) -> None:
    client = enter(ada)
    client.post(reverse("second-factor-remove"), {"code": "000000"})
    assert TOTPDevice.objects.filter(user=ada).exists()
    TOTPDevice.objects.update(throttling_failure_count=0)

    client.post(reverse("second-factor-remove"), {"code": code_of(device)})

    assert not TOTPDevice.objects.filter(user=ada).exists()


def test_logging_out_is_a_button(ada: User, enter: Enter) -> None:
    client = enter(ada)
    assert client.get(reverse("logout")).status_code == 405

    client.post(reverse("logout"))

    assert not is_in(client)


def test_pages_carry_the_strict_policy_and_no_inline_code(ada: User, enter: Enter) -> None:
    answer = enter(ada).get("/account/")

    policy = answer.headers["Content-Security-Policy"]
    page = answer.content.decode()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])


def test_people_change_their_own_password(ada: User, client: Client) -> None:
    client.force_login(ada)
    fresh = "another-long-phrase-7"
    form = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    answer = client.post(reverse("password"), form)
    ada.refresh_from_db()
    assert answer.headers["Location"] == reverse("account")
    assert ada.check_password(fresh)
    assert is_in(client)


def test_a_wrong_old_password_changes_nothing(ada: User, client: Client) -> None:
    client.force_login(ada)
    form = {"old_password": "guess", "new_password1": "x-long-phrase", "new_password2": "other"}
    assert client.post(reverse("password"), form).status_code == 200
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_password_page_asks_strangers_to_log_in(client: Client) -> None:
    assert client.get(reverse("password")).headers["Location"].startswith(reverse("login"))
