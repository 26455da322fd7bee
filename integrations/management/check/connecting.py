"""Steps: logging in, installing the app through HubSpot's consent page, logging in to RXNT."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.urls import reverse

from integrations.management.check.client import Browser
from integrations.management.check.people import BORN, SEX
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import Connection, Integration
from integrations.services import demo, sandbox_demo, vault

WRONG = "Wrong-Key-4711"
SECRETS = ("Password", "api_key", "bot_token", "hook")
"""What is secret among the stored credentials."""


def refuse_wrong_password(scene: Scene) -> str:
    """A visitor is sent to the log-in page, and a wrong password is refused."""
    page = scene.amara.open("/")
    expect(urlsplit(page.url).path == "/login/", f"/ leads to {page.url}, not to the log-in")
    scene.hidden.add(WRONG)
    page = scene.amara.log_in(demo.ADMIN, WRONG)
    expect("Log out" not in page.html, "a wrong password was accepted")
    contains(page, "Please enter a correct username and password")
    return "“Please enter a correct username and password”"


def log_in(scene: Scene) -> str:
    """The org admin logs in and sees the organisation."""
    page = scene.amara.log_in(demo.ADMIN, scene.passwords[demo.ADMIN])
    contains(page, demo.TENANT, "RXNT", "Connect")
    return f"the page of {demo.TENANT}, with RXNT to connect"


def decline_consent(scene: Scene) -> str:
    """Saying no on HubSpot's consent page connects nothing."""
    _to_consent(scene.amara, "RXNT")
    page = scene.amara.press("Cancel")
    contains(page, "HubSpot was not connected", "The user said no")
    expect(not Connection.objects.exists(), "a connection was stored")
    return "“HubSpot was not connected”, nothing stored"


def refuse_forged_state(scene: Scene) -> str:
    """A redirect with a state that nobody asked for is refused."""
    made_up = urlencode({"code": "made-up", "state": "made-up"})
    page = scene.amara.open(f"{reverse('oauth-callback')}?{made_up}")
    expect(page.status == 400, f"answered {page.status}")
    contains(page, "already used or is too old")
    expect(not Connection.objects.exists(), "a connection was stored")
    return "refused with 400, nothing stored"


def install(scene: Scene) -> str:
    """The app is installed through HubSpot's consent page; a replayed redirect is refused."""
    back = agree(scene.amara, "RXNT", scene.hubspot.portal_id)
    contains(scene.amara.page, "Log in to RXNT", sandbox_demo.PORTAL_NAME)
    form = scene.amara.page.url
    connection = Connection.objects.get()
    expect(
        connection.installer_email == sandbox_demo.INSTALLER,
        f"mails would go to {connection.installer_email}",
    )
    again = scene.amara.open(back)
    expect(again.status == 400, f"a replayed redirect answers {again.status}")
    scene.hidden.update(value for _, value in parse_qsl(urlsplit(back).query))
    scene.amara.open(form)
    return f"HubSpot account {connection.account_id}, mails to {connection.installer_email}"


def refuse_wrong_rxnt_password(scene: Scene) -> str:
    """A wrong RXNT password gets a clear message and stores nothing."""
    scene.hidden.add(WRONG)
    user = sandbox_demo.RXNT_LOGIN["UserName"]
    page = scene.amara.press("Authenticate", UserName=user, Password=WRONG)
    contains(page, "Log in to RXNT", "refuses this user name and password")
    expect(WRONG not in page.html, "the page repeats the password")
    expect(not Integration.objects.exists(), "an integration was stored")
    return "“RXNT refuses this user name and password”, nothing stored"


def log_in_to_rxnt(scene: Scene) -> str:
    """The right RXNT log-in completes the set-up."""
    credentials = sandbox_demo.RXNT_LOGIN
    scene.hidden.add(credentials["Password"])
    contains(scene.amara.press("Authenticate", **credentials), "Setup Complete!", "Date of Birth")
    remember_tokens(scene)
    contains(scene.show("status"), "Active", "Nothing needs you")
    return "“Setup Complete!”, status “Active”"


def see_properties(scene: Scene) -> str:
    """HubSpot has the property group RXNT with Sex and Date of Birth."""
    held = vault.tokens_of(scene.integration.hubspot)
    token = held.access if held else ""
    found = {
        name: scene.hubspot.read_api(f"/crm/v3/properties/contacts/{name}", token)
        for name in (BORN, SEX)
    }
    groups = scene.hubspot.read_api("/crm/v3/properties/contacts/groups", token)["results"]
    expect(("rxnt", "RXNT") in [(g["name"], g["label"]) for g in groups], "no group RXNT")
    shapes = {name: (row["label"], row["type"], row["groupName"]) for name, row in found.items()}
    expect(shapes[BORN] == ("Date of Birth", "date", "rxnt"), f"{BORN} is {shapes[BORN]}")
    expect(shapes[SEX] == ("Sex", "enumeration", "rxnt"), f"{SEX} is {shapes[SEX]}")
    options = [option["value"] for option in found[SEX]["options"]]
    expect(sorted(options) == ["F", "M", "U"], f"Sex offers {options}")
    return "Sex (M, F, U) and Date of Birth in the group RXNT"


def agree(browser: Browser, label: str, portal_id: int) -> str:
    """Start an install and consent; returns the address HubSpot sent the browser back to."""
    _to_consent(browser, label)
    page = browser.press("Connect app", portal_id=str(portal_id))
    back = [address for address in page.via if reverse("oauth-callback") in address]
    expect(back, f"HubSpot's consent led to {page.url.partition('?')[0]}, not back")
    return back[0]


def remember_tokens(scene: Scene) -> None:
    """Take note of every credential and token now stored: none may be readable anywhere."""
    for connection in Connection.objects.all():
        scene.hidden.update(
            value for name, value in vault.secrets_of(connection).items() if name in SECRETS
        )
        held = vault.tokens_of(connection)
        if held is not None:
            scene.hidden.update({held.access, held.refresh, held.extra.get("Signature", "")})


def _to_consent(browser: Browser, label: str) -> None:
    browser.open("/")
    browser.follow(f"Connect {label}")
    page = browser.press("Connect HubSpot")
    contains(page, "This app will be able to", "crm.objects.contacts.read")


STEPS: Final = (
    refuse_wrong_password,
    log_in,
    decline_consent,
    refuse_forged_state,
    install,
    refuse_wrong_rxnt_password,
    log_in_to_rxnt,
    see_properties,
)
