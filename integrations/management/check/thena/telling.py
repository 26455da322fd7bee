"""Steps: what Thena and the firm's own webhook were told; what a program may do with a token."""

from __future__ import annotations

from typing import Final

import requests

from integrations.management.check.firm import COMPANIES, CONTACTS
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import Delivery
from integrations.services.tokens import Scope

PATIENCE: Final = 10
NAMES: Final = {"hubspot.company.synced": "companyId", "hubspot.contact.synced": "contactId"}
READING: Final = (Scope.INTEGRATIONS_READ.value, Scope.RECORDS_READ.value, Scope.RUNS_READ.value)


def tell_thena(scene: Scene) -> str:
    """Thena was told of every record that was made or linked, with both ids and the outcome."""
    firm = scene.firm
    scene.until(lambda: not waiting(), "all synced-events to be sent", 60)
    published = firm.thena.published()
    for key, event in ((COMPANIES, "hubspot.company.synced"), (CONTACTS, "hubspot.contact.synced")):
        told = {
            row["payload"]["hubspot"][NAMES[event]]
            for row in published
            if row["event_name"] == event and row["payload"]["status"] == "SUCCESS"
        }
        missing = {link.hubspot_id for link in firm.links(key, state="linked")} - told
        expect(not missing, f"Thena was not told of {len(missing)} {key}")
    failed = [row for row in published if row["payload"]["status"] == "FAILED"]
    expect(failed and all(row["payload"]["error"]["code"] for row in failed), "no failure was told")
    return f"{len(published)} synced-events, {len(failed)} of them failures with their reason"


def tell_endpoint(scene: Scene) -> str:
    """The firm's own webhook got the same since it was set, each signed, none twice."""
    firm = scene.firm
    taken = firm.receiver.taken[1:]
    wrong = [each for each in taken if not each.is_signed_with(firm.endpoint_secret)]
    expect(taken and not wrong, f"{len(wrong)} of {len(taken)} are not signed")
    ids = [each.event["id"] for each in taken]
    expect(len(set(ids)) == len(ids), "an event came twice")
    published = [_identity(row["event_name"], row["payload"]) for row in firm.thena.published()]
    ours = [_identity(each.event["event"], each.event["data"]) for each in taken]
    expect(set(ours) <= set(published), "it got events that Thena did not get")
    directions = {each.event["data"]["direction"] for each in taken}
    expect({"hubspot_to_thena", "thena_to_hubspot"} <= directions, f"only {directions}")
    return f"{len(taken)} events, every signature fits; both directions are among them"


def use_token(scene: Scene) -> str:
    """A token opens what its scopes name and nothing else; it is shown once and can be revoked."""
    firm = scene.firm
    slug = firm.integration.tenant.slug
    firm.browser.open(f"/t/{slug}/tokens/")
    page = firm.browser.press("Make the token", name="Reports", scopes=list(READING), days="30")
    contains(page, "Copy the new token now")
    plain = next(word for word in page.text.split() if word.startswith("hip_"))
    scene.hidden.add(plain)
    expect(plain not in firm.browser.open(f"/t/{slug}/tokens/").html, "it is shown again")
    base, sync = f"{firm.browser.home}/api/v1", firm.sync(CONTACTS)
    link = firm.link(CONTACTS, firm.contacts["second"])
    tries = (
        ("GET", "/token/", 200),
        ("GET", f"/integrations/{firm.integration.pk}/", 200),
        ("GET", f"/records/{link.pk}/why/", 200),
        ("GET", f"/object-syncs/{sync.pk}/draft/", 403),
        ("POST", f"/integrations/{firm.integration.pk}/sync/", 403),
        ("GET", "/audit/", 403),
        ("GET", f"/integrations/{scene.integration.pk}/", 404),
    )
    wrong = [
        f"{method} {path} {got}"
        for method, path, wanted in tries
        if (got := _ask(base, method, path, plain)) != wanted
    ]
    expect(not wrong, f"answered {', '.join(wrong)}")
    expect(_ask(base, "GET", "/token/", "hip_madeup") == 401, "a made-up token opens something")
    firm.browser.open(f"/t/{slug}/tokens/")
    contains(firm.browser.press("Revoke"), "does not work any more")
    expect(_ask(base, "GET", "/token/", plain) == 401, "the revoked token still works")
    return f"{len(tries)} calls answered as its scopes say; revoked, it opens nothing"


def waiting() -> int:
    """Return how many synced-events are still to be sent."""
    return Delivery.objects.filter(state="waiting").count()


def _ask(base: str, method: str, path: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, base + path, headers=headers, timeout=PATIENCE).status_code


def _identity(event: str, payload: dict[str, object]) -> tuple[str, ...]:
    hubspot = payload["hubspot"]
    record = hubspot.get(NAMES[event]) if isinstance(hubspot, dict) else ""
    return event, str(record), str(payload["syncedAt"]), str(payload["operation"])


STEPS: Final = (tell_thena, tell_endpoint, use_token)
