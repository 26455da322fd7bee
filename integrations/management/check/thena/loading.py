"""Steps: previewing, publishing, the first load, and what both systems hold afterwards."""

from __future__ import annotations

from typing import Final

from integrations.management.check import running
from integrations.management.check.firm import COMPANIES, CONTACTS, KINDS, Firm
from integrations.management.check.running import FIRST, LATER, LOAD_PATIENCE, told
from integrations.management.check.scene import Scene, expect
from integrations.management.check.thena.choosing import OLD, TIER_LABEL, TITLE, TITLE_LABEL
from integrations.management.check.thena.joining import (
    COMPANY_COUNT,
    CONTACT_COUNT,
    INTERNAL,
    LAB_COUNT,
    ROBOT_COUNT,
    ROBOTS,
)
from integrations.models import JobRun, Preview
from integrations.services.sandbox_firm import TIER


def preview_companies(scene: Scene) -> str:
    """The preview counts what would become of every company, and writes nothing."""
    found = preview(scene, COMPANIES)
    left, wanted = found.actions.get("exclude", 0), LAB_COUNT + 2
    # The demo's own test lab and one account of Thena are left out, too.
    expect(left == wanted, f"{left} companies are left out, not {wanted}")
    expect(found.seen > COMPANY_COUNT, f"only {found.seen} were looked at")
    return told(found)


def load_companies(scene: Scene) -> str:
    """Publishing makes the custom field in Thena and loads the companies, with progress."""
    return _load(scene, COMPANIES, TIER_LABEL)


def preview_contacts(scene: Scene) -> str:
    """The contacts' preview knows the companies that are synced by now."""
    found = preview(scene, CONTACTS)
    expect(found.seen > CONTACT_COUNT, f"only {found.seen} were looked at")
    expect(not found.actions.get("wait"), f"{found.actions.get('wait')} wait for a company")
    left = found.actions.get("exclude", 0)
    expect(left == ROBOT_COUNT, f"{left} contacts are left out, not {ROBOT_COUNT}")
    return told(found)


def load_contacts(scene: Scene) -> str:
    """The contacts follow, with a field of their own and at the accounts of their companies."""
    return _load(scene, CONTACTS, TITLE_LABEL)


def compare(scene: Scene) -> str:
    """Both systems hold the same: values, custom fields, who is at which company, no doubles."""
    scene.quiet(LOAD_PATIENCE)
    firm = scene.firm
    crm = {key: firm.crm.all(key) for key in KINDS}
    thena = {key: firm.thena.all(kind) for key, kind in KINDS.items()}
    pairs = {
        key: {link.hubspot_id: link.target_id for link in firm.links(key, state="linked")}
        for key in KINDS
    }
    wanted = {
        record_id
        for record_id, row in crm[COMPANIES].items()
        if row.get(TIER) != INTERNAL and row.get("domain")
    }
    expect(pairs[COMPANIES].keys() == wanted, f"{len(pairs[COMPANIES])} of {len(wanted)} linked")
    there = {i for i, row in thena[COMPANIES].items() if not row["name"].startswith(OLD)}
    expect(set(pairs[COMPANIES].values()) == there, f"Thena has {len(there)} accounts for them")
    _compare_companies(firm, pairs[COMPANIES], crm[COMPANIES], thena[COMPANIES])
    people = {
        i
        for i, row in crm[CONTACTS].items()
        if ROBOTS not in row.get("email", "") and row.get("email")
    }
    expect(pairs[CONTACTS].keys() == people, f"{len(pairs[CONTACTS])} of {len(people)} linked")
    _compare_contacts(firm, pairs)
    return f"{len(wanted)} companies and {len(people)} contacts, each once, values equal"


def preview(scene: Scene, key: str) -> Preview:
    """Press Preview and wait for its end; nothing may be written meanwhile."""
    return running.preview(scene, scene.firm, key)


def publish(scene: Scene, key: str, button: str = LATER) -> tuple[JobRun, set[int]]:
    """Press Publish and watch the run; returns it with the percentages that were shown."""
    return running.publish(scene, scene.firm, key, button)


def _load(scene: Scene, key: str, label: str) -> str:
    firm = scene.firm
    found = firm.preview(key)
    expect(found, "there is no preview: an earlier step did not get so far")
    run, shown = publish(scene, key, FIRST)
    # A first load asks HubSpot only for what the filter lets in.
    previewed, did = (
        {reason: count for reason, count in counts.items() if reason != "filtered_out"}
        for counts in (found.reasons if found else {}, run.counts)
    )
    expect(did == previewed, f"the preview said {previewed}, not {did}")
    field = firm.thena.field(label)
    between = sorted(percent for percent in shown if 0 < percent < 100)
    expect(between, "the page showed no progress")
    return (
        f"{run.seen} seen and {run.written} written, as previewed; "
        f"progress {between[0]} to {between[-1]} %; “{field['name']}” made"
    )


def _compare_companies(
    firm: Firm,
    pairs: dict[str, str],
    crm: dict[str, dict[str, str]],
    thena: dict[str, dict[str, object]],
) -> None:
    tier = firm.thena.field(TIER_LABEL)["uid"]
    for hubspot_id, account_id in pairs.items():
        company, account = crm[hubspot_id], thena[account_id]
        same = company["domain"] == account["primaryDomain"]
        custom = account["custom"]
        held = custom.get(tier, "") if isinstance(custom, dict) else ""
        expect(same and company.get(TIER, "") == held, f"company {hubspot_id} differs")


def _compare_contacts(firm: Firm, pairs: dict[str, dict[str, str]]) -> None:
    here, there = firm.crm.all(CONTACTS), firm.thena.all(CONTACTS)
    title = firm.thena.field(TITLE_LABEL)["uid"]
    back = {target: hubspot for hubspot, target in pairs[CONTACTS].items()}
    for target, hubspot in back.items():
        ours, theirs = here[hubspot], there[target]
        for name, other in (("firstname", "firstName"), ("email", "email")):
            expect(ours[name] == theirs[other], f"{name} of contact {hubspot} differs")
        held = theirs["custom"].get(title, "")
        expect(ours.get(TITLE, "") == held, f"the job title of contact {hubspot} differs")
    for hubspot in list(back.values())[::97]:
        companies = {pairs[COMPANIES].get(each, "") for each in firm.crm.employers(hubspot)}
        accounts = {each["id"] for each in there[pairs[CONTACTS][hubspot]]["accounts"]}
        expect(companies - {""} == accounts, f"contact {hubspot} is at other accounts")


STEPS: Final = (
    preview_companies,
    load_companies,
    preview_contacts,
    load_contacts,
    compare,
)
