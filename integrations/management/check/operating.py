"""Steps: strangers, health, and the commands of operators."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final
from urllib.parse import urlencode

from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrations.management.check.office import Office
from integrations.management.check.scene import Scene, expect
from integrations.models import ApiToken, Integration, JobRun, Merge, ObjectSync, RecordLink, Review
from integrations.services import audit_seals, connectors, demo, owners, pipelines, syncs, tenants

STRANGER = "sven"
TENANT_PATH = "t/<slug:slug>/"
OWN_CONNECTION = {"credentials", "reauthenticate"}
"""Pages whose id is a connection's; most others name an integration."""


def keep_strangers_out(scene: Scene) -> str:
    """A member of another organisation gets 404 on every page of this one."""
    password = secrets.token_urlsafe(9)
    scene.hidden.add(password)
    tenants.create("Hillside Dental", owner=demo.person(STRANGER, password))
    scene.stranger.log_in(STRANGER, password)
    wrong, count = [], 0
    offices = (scene.practice, scene.firm, scene.vendor, scene.works)
    others = (scene.firm.browser, scene.amara, scene.amara, scene.amara)
    for office, other in zip(offices, others, strict=True):
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
    return f"{count} pages of four organisations, each 404 for strangers and open to its admin"


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
    rows = integration.object_syncs.filter(version__config__has_key="config")
    first = rows.order_by("created_at").first()
    run = JobRun.objects.filter(object_sync__integration=integration).latest("pk")
    special = _special(integration)
    for name, parameters in _below(get_resolver(), "", TENANT_PATH):
        given: dict[str, object] = {"pk": integration.pk, "number": run.pk, **tenant}
        given["key"] = first and first.key
        given |= next((found for start, found in special.items() if name.startswith(start)), {})
        kwargs = {key: given[key] for key in parameters}
        if None not in kwargs.values():
            asked = _rule(first) if name == "rule" and first else ""
            yield name, reverse(name, kwargs=kwargs) + asked


def _special(integration: Integration) -> dict[str, dict[str, object]]:
    """Return what is special about addresses, by how their names begin; None: it has none such."""
    ours = {"object_sync__integration": integration}
    review, merge = Review.objects.filter(**ours).last(), Merge.objects.filter(**ours).last()
    token = ApiToken.objects.filter(tenant=integration.tenant).last()
    table = next(iter(pipelines.kept(integration)), None)
    job, link = integration.jobs.order_by("key").first(), RecordLink.objects.filter(**ours).last()
    by_key = not connectors.needs_notices(connectors.spec_of(integration.system))
    known: dict[str, dict[str, object]] = {
        "token-": {"pk": token and token.pk},
        "reviews": {},
        "review-": {},
        "review": {"number": review and review.pk},
        "merges": {},
        "merge": {"number": merge and merge.pk},
        "connect-key": {} if by_key else {"system": None},
        "erased-": {"number": None},
        "erase": {"number": link and link.pk},
        "owner": {} if owners.has_owners(integration) else {"pk": None},
        "stage": {"key": table and table.key},
        "job-": {"key": job and job.key},
    }
    own: dict[str, object] = {"pk": integration.hubspot_id}
    return {**dict.fromkeys(OWN_CONNECTION, own), **known}


def _rule(row: ObjectSync) -> str:
    """Return what the page of one rule needs besides its address."""
    rule = syncs.config_of(row).rules[0]
    return "?" + urlencode({"hubspot": rule.hubspot, "target": rule.target})


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
