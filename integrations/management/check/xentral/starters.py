"""Steps: the three starters, their periods, one that is off, and one that is still running."""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import ADDRESSES
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import CONTACTS, LABELS
from integrations.models import Job

PERIODS: Final = {"queue": 10, "contacts": 60, "deals": 60}
"""Minutes, as Xentral recommends them."""
SLOW: Final = 2.0
"""Seconds that an answer takes while a starter is still running."""
PHONE: Final = "+49 211 5550191"


def start(scene: Scene, key: str) -> None:
    """Press “Run now” of a starter and wait until what it opened is over."""
    works = scene.works
    rest(scene)
    runs = scene.until(lambda: works.press_start(key), f"“{LABELS[key]}” to start")
    scene.until(works.ends(runs), f"“{LABELS[key]}” to end")


def rest(scene: Scene) -> None:
    """Wait until nothing is under way: what a change of the settings opened, too."""
    works = scene.works
    scene.until(lambda: not works.is_busy(), "everything to come to rest")


def see_starters(scene: Scene) -> str:
    """There are three starters: the queue every 10 minutes, contacts and deals every 60."""
    works = scene.works
    contains(works.show("jobs"), *LABELS.values())
    rows = Job.objects.filter(integration=works.integration, key__in=PERIODS)
    found = {row.key: row.minutes for row in rows}
    expect(found == PERIODS and all(row.enabled for row in rows), f"the starters are {found}")
    return ", ".join(f"{LABELS[key]} every {minutes}" for key, minutes in PERIODS.items())


def choose_period(scene: Scene) -> str:
    """Periods are free, but one too short is refused with what is possible."""
    works = scene.works
    path = works.address("job-period", "contacts")
    works.show("jobs")
    page = works.browser.post(path, minutes="1")
    contains(page, f"“{LABELS['contacts']}” cannot start more often than every 5 minutes")
    contains(works.browser.post(path, minutes="35"), "The period", "is saved")
    job = Job.objects.get(integration=works.integration, key="contacts")
    expect(job.minutes == 35, f"the period is {job.minutes}")
    return "1 minute refused: “… more often than every 5 minutes”; 35 minutes saved"


def switch_off(scene: Scene) -> str:
    """With the queue off nothing is exported and the status says so; on again, it arrives."""
    works, contact = scene.works, scene.works.contacts["Zoë"]
    scene.hidden.add(PHONE)
    works.show("jobs")
    switch = works.address("job-switch", "queue")
    contains(works.browser.post(switch, on="0"), "is switched off", "waits until it is on again")
    works.house.edit(ADDRESSES, works.target_id(CONTACTS, contact), telefon=PHONE)
    start(scene, "full")
    held = works.crm.read(CONTACTS, contact)["phone"]
    expect(held != PHONE, "the phone was exported")
    contains(works.show("status"), LABELS["queue"], "is switched off")
    contains(works.why(CONTACTS, contact), "is switched off")
    works.show("jobs")
    contains(works.browser.post(switch, on="1"), "is switched on")
    scene.until(lambda: works.crm.read(CONTACTS, contact)["phone"] == PHONE, "the phone in HubSpot")
    return "“The job “Process queue” is switched off”; on again, the phone is in HubSpot"


def skip_overlap(scene: Scene) -> str:
    """A starter that is still running is not started again, and the page says so."""
    works = scene.works
    rest(scene)
    works.house.delay("^/api/", SLOW)
    runs = scene.until(lambda: works.press_start("queue"), "the queue to start")
    works.show("jobs")
    page = works.browser.press(f"Run now {LABELS['queue']}")
    contains(page, "Skipped where an earlier run is not over yet")
    contains(works.show("jobs"), "Skipped", "an earlier run was not over")
    scene.until(works.ends(runs), "the slow run to end")
    start(scene, "queue")
    expect("an earlier run was not over" not in works.show("jobs").text, "the note stays for ever")
    return "“Skipped …, an earlier run was not over”, gone after the next start"


STEPS: Final = (see_starters, choose_period, switch_off, skip_overlap)
