"""Steps: strangers, health, and the commands of operators."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrations.management.check.office import Office
from integrations.management.check.scene import Scene, expect
from integrations.models import ApiToken, JobRun, Review
from integrations.services import audit_seals, demo, tenants

STRANGER = "sven"
TENANT_PATH = "t/<slug:slug>/"
OWN_CONNECTION = {"credentials", "reauthenticate"}
"""Pages whose id is a connection's; most others name an integration."""
QUERIES = {"rule": "?hubspot=domain&target=primaryDomain"}
"""What pages need besides their address."""


def keep_strangers_out(scene: Scene) -> str:
    """A member of another organisation gets 404 on every page of this one."""
    password = secrets.token_urlsafe(9)
    scene.hidden.add(password)
    tenants.create("Hillside Dental", owner=demo.person(STRANGER, password))
    scene.stranger.log_in(STRANGER, password)
    wrong, count = [], 0
    offices = (
        (scene.practice, scene.firm.browser),
        (scene.firm, scene.amara),
        (scene.works, scene.amara),
    )
    for office, other in offices:
        pages = dict(_tenant_pages(office))
        count += len(pages)
        for name, address in pages.items():
            if office.browser.open(address).status not in (200, 405):
                wrong.append(f"{name} {office.browser.page.status} for its own admin")
            strangers = (scene.stranger, other)
            answers = {browser.open(address).status for browser in strangers}
            answers |= {browser.post(address).status for browser in strangers}
            # Buttons without a page of their own: opening their address is refused to everybody.
            if answers not in ({404}, {404, 405}):
                wrong.append(f"{name} {answers}")
    expect(count > 40 and not wrong, f"of {count} pages: {', '.join(wrong)}")
    return f"{count} pages of three organisations, each 404 for strangers and open to its admin"


def be_healthy(scene: Scene) -> str:
    """/healthz and /readyz answer 200."""
    expect(scene.stranger.open("/healthz").status == 200, "/healthz does not answer 200")
    scene.until(lambda: scene.stranger.open("/readyz").status == 200, "/readyz to answer 200")
    return scene.stranger.page.text


def explain(scene: Scene) -> str:
    """`manage.py explain` gives the reason for a contact."""
    said = _run("explain", str(scene.integration.pk), scene.contact("Dora"))
    expect("Excluded by a condition" in said, f"it said: {said}")
    return "“Excluded by a condition”"


def plan(scene: Scene) -> str:
    """`manage.py run_sync --dry-run` plans and writes nothing."""
    before = scene.rxnt.patients()
    said = _run("run_sync", str(scene.integration.pk), "--dry-run", "--fired")
    run = JobRun.objects.filter(kind="dry_run").latest("pk")
    expect(run.state == "done" and run.seen > 0, f"the run is {run.state} with {run.seen} seen")
    expect(scene.rxnt.patients() == before, "it wrote to RXNT")
    return " ".join(line.strip() for line in said.splitlines()[1:2])


def prove_history(scene: Scene) -> str:
    """`manage.py verify_audit` proves the sealed history."""
    audit_seals.seal()
    said = _run("verify_audit")
    expect("Intact" in said and not said.startswith("0 seals"), f"it said: {said}")
    return said.splitlines()[0]


def rotate(scene: Scene) -> str:
    """`manage.py rotate_keys` seals everything with the newest key."""
    return _run("rotate_keys").splitlines()[-1]


def _run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said, no_color=True)
    return said.getvalue()


def _tenant_pages(office: Office) -> Iterator[tuple[str, str]]:
    """Yield name and address of every page that is about something the organisation has."""
    integration = office.integration
    tenant = {"slug": integration.tenant.slug, "system": integration.system}
    syncs = integration.object_syncs.filter(version__config__has_key="config")
    first = syncs.order_by("created_at").first()
    run = JobRun.objects.filter(object_sync__integration=integration).latest("pk")
    review = Review.objects.filter(object_sync__integration=integration).last()
    token = ApiToken.objects.filter(tenant=integration.tenant).last()
    for name, parameters in _below(get_resolver(), "", TENANT_PATH):
        given: dict[str, object] = {"pk": integration.pk, "number": run.pk, **tenant}
        if "key" in parameters:
            given["key"] = first and first.key
        if name in OWN_CONNECTION:
            given["pk"] = integration.hubspot_id
        elif name.startswith("token-"):
            given["pk"] = token and token.pk
        elif name == "review":
            given["number"] = review and review.pk
        kwargs = {key: given[key] for key in parameters}
        if None not in kwargs.values():
            yield name, reverse(name, kwargs=kwargs) + QUERIES.get(name, "")


def _below(
    resolver: URLResolver, path: str, wanted: str, outer: Sequence[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the parameters of every address below a path."""
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        parameters = [*outer, *entry.pattern.converters]
        if isinstance(entry, URLResolver):
            yield from _below(entry, here, wanted, parameters)
        elif isinstance(entry, URLPattern) and here.startswith(wanted) and entry.name:
            yield entry.name, parameters


STEPS: Final = (keep_strangers_out, be_healthy, explain, plan, prove_history, rotate)
