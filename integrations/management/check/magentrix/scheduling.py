"""Steps: scheduled jobs: their period, run now, what it cost, off and on; a new picklist value."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from integrations.management.check.magentrix.loading import LABEL
from integrations.management.check.running import ended
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS
from integrations.models import JobRun
from integrations.services import jobs
from integrations.services.sandbox_vendor import LEVEL, LEVELS

JOB: Final = "changes:contacts"
CHANGES: Final = "changes:companies"
REFRESH: Final = "refresh:companies"
WITHOUT_IT: Final = ("fields_quarantined", "value_invalid")
"""How a record may stand whose value the other side's list does not have."""
NEW: Final = "Global"
MOBILE: Final = "+44 7700 905571"


def choose_period(scene: Scene) -> str:
    """A job's period is chosen among those offered; any other is refused; the next start shows."""
    vendor = scene.vendor
    page = vendor.show("jobs")
    contains(page, "Contacts: recent changes", "Next start", "Last run", "Calls")
    refused = vendor.browser.post(vendor.address("job-period", JOB), minutes="1")
    contains(refused, "Choose one of the periods that are offered")
    page = vendor.browser.post(vendor.address("job-period", JOB), minutes="60")
    contains(page, "The period of “Contacts: recent changes” is saved")
    view = jobs.one(vendor.integration, JOB)
    expect(view.job.minutes == 60, f"the period is {view.job.minutes} minutes")
    wait = (view.next_run - timezone.now()).total_seconds() if view.next_run else -1.0
    expect(0 < wait <= 3600, f"the next start is in {wait:.0f} s")
    vendor.browser.post(vendor.address("job-period", JOB), minutes="15")
    expect(vendor.job(JOB).minutes == 15, "the period cannot be set back")
    return f"one minute is refused, 60 minutes are taken: the next start was in {wait / 60:.0f} min"


def run_now(scene: Scene) -> str:
    """“Run now” brings a change made in Magentrix to HubSpot; the page shows run and calls."""
    vendor, contact = scene.vendor, scene.vendor.ids["first"]
    scene.hidden.add(MOBILE)
    vendor.portal.edit("Contact", vendor.target_id(CONTACTS, contact), MobilePhone=MOBILE)
    contains(vendor.run_job(JOB), "“Contacts: recent changes” started")
    run = JobRun.objects.filter(object_sync=vendor.sync(CONTACTS), job=vendor.job(JOB)).latest("pk")
    ended(scene, run, "the job's run")
    scene.until(
        lambda: vendor.crm.read(CONTACTS, contact).get("mobilephone") == MOBILE, "the new number"
    )
    page = vendor.show("jobs")
    contains(page, f"#{run.pk}", "last run", "in 24 h")
    calls = run.calls
    expect(calls > 0, "the run shows no calls")
    return f"run #{run.pk}: {run.seen} seen, {calls} calls"


def switch_off(scene: Scene) -> str:
    """A job that is switched off has no next start, and runs by hand only, until it is on again."""
    vendor = scene.vendor
    address = vendor.address("job-switch", JOB)
    contains(vendor.browser.post(address, on="0"), "is switched off", "Off")
    expect(jobs.one(vendor.integration, JOB).next_run is None, "it has a next start")
    contains(vendor.run_job(JOB), "started")
    run = JobRun.objects.filter(object_sync=vendor.sync(CONTACTS), job=vendor.job(JOB)).latest("pk")
    ended(scene, run, "the run by hand")
    contains(vendor.browser.post(address, on="1"), "is switched on")
    view = jobs.one(vendor.integration, JOB)
    expect(view.job.enabled and view.next_run, "it has no next start")
    return f"off: no next start, run #{run.pk} by hand; on again"


def import_value(scene: Scene) -> str:
    """A new value of a list is refused by Magentrix until Refresh imports it; then it is synced."""
    vendor, company = scene.vendor, scene.vendor.ids["of nobody"]
    field = vendor.ids.get(LEVEL, "")
    expect(field, "needs the picklist of an earlier step")
    vendor.crm.offer(COMPANIES, LEVEL, LABEL, (*LEVELS, NEW))
    vendor.crm.edit(COMPANIES, company, **{LEVEL: NEW})
    vendor.run_job(CHANGES)  # HubSpot sends no notices of fields that an admin chose
    unwell = {"hubspot_id": company, "reason__in": WITHOUT_IT}
    link = scene.until(lambda: vendor.links(COMPANIES, **unwell), "the value to be refused")[0]
    contains(vendor.why(COMPANIES, company), NEW)
    contains(vendor.run_job(REFRESH), "started")
    scene.until(lambda: NEW in vendor.portal.options("Account", field), "the value in Magentrix")
    scene.until(lambda: vendor.twin(COMPANIES, company).get(field) == NEW, "the record with it")
    scene.until(lambda: vendor.link(COMPANIES, company).state == "linked", "the link to be well")
    values = vendor.portal.options("Account", field)
    return f"first “{link.reason}”; after Refresh Magentrix offers {', '.join(values)}"


STEPS: Final = (choose_period, run_now, switch_off, import_value)
