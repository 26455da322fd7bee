"""What steps of every organisation press and wait for: previews, publishing, passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from integrations.management.check.joined import Joined
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import JobRun, Preview

FIRST: Final = "Publish and start the first load"
LATER: Final = "Publish"
ENDED: Final = ("done", "failed", "cancelled")
LOAD_PATIENCE: Final = 120.0
PERCENT: Final = re.compile(r"(\d+) %")


def preview(scene: Scene, office: Joined, key: str) -> Preview:
    """Press Preview and wait for its end; nothing may be written meanwhile."""
    before = office.writes()
    office.show("fields", "", key)
    contains(office.browser.press("Preview"), "Preview", "Looking at your records")
    found = scene.until(lambda: office.preview(key), f"the preview of {key}", LOAD_PATIENCE)
    page = office.show("preview", "", key)
    contains(page, "records were looked at", "Publish")
    expect(not found.sampled, "the preview is a sample")
    expect(office.writes() == before, "the preview wrote something")
    return found


def told(found: Preview) -> str:
    """Say what a preview counted."""
    counts = ", ".join(f"{count} {action}" for action, count in sorted(found.actions.items()))
    return f"{found.seen} looked at, nothing written: {counts}"


def publish(scene: Scene, office: Joined, key: str, button: str = LATER) -> tuple[JobRun, set[int]]:
    """Press Publish and watch the run; returns it with the percentages that were shown."""
    shown = set[int]()
    office.show("preview", "", key)
    contains(office.browser.press(button), "is in force")
    run = office.run(key)

    def look() -> None:
        page = office.show("run", "", run.pk)
        shown.update(int(found) for found in PERCENT.findall(page.text))

    return ended(scene, run, f"the run of {key}", look), shown


def sync_now(scene: Scene, office: Joined, key: str) -> JobRun:
    """Press the button of one kind of record and wait for the pass to end."""
    office.show("status")
    office.browser.press(f"Sync now {key.title()}")
    return ended(scene, office.run(key), f"the pass of {key}")


def ended(
    scene: Scene, run: JobRun, what: str, look: Callable[[], object] = lambda: None
) -> JobRun:
    """Wait until a run is over, looking somewhere meanwhile; raises Failed unless it ended well."""

    def is_over() -> bool:
        look()
        run.refresh_from_db()
        return run.state in ENDED

    scene.until(is_over, f"{what} to end", LOAD_PATIENCE)
    expect(run.state == "done", f"{what} is {run.state}: {run.reason} {run.reason_detail}")
    return run
