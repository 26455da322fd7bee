"""Steps: the admin chooses fields and sets filters; nothing travels yet."""

from __future__ import annotations

from typing import Final

from integrations.management.check.firm import COMPANIES, CONTACTS, Firm
from integrations.management.check.page import Page
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.thena.joining import INTERNAL, ROBOTS
from integrations.services import drafts, sandbox_firm

TITLE: Final = "jobtitle"
TIER_LABEL: Final = "Support tier"
TITLE_LABEL: Final = "Job Title"
NOT_INTERNAL: Final = (sandbox_firm.TIER, "not_equals", INTERNAL)
OLD: Final = "Old Mill"
"""How the account begins that stays out of HubSpot."""


def see_locked(scene: Scene) -> str:
    """Fields that identify a record are fixed: deselecting one is refused."""
    firm = scene.firm
    page = firm.show("fields", "", COMPANIES)
    contains(page, "Always synced", "Name", "Domain", "Nothing is published yet")
    posted = {"hubspot": "domain", "target": "primaryDomain"}
    firm.browser.post(firm.address("field-drop", COMPANIES), **posted)
    names = _fields(firm, COMPANIES)
    expect("domain" in names, "the domain was deselected")
    contains(firm.show("fields", "", CONTACTS), "Always synced", "Email", "Companies")
    return f"{', '.join(names)} are selected to begin with; the domain cannot be left out"


def choose_fields(scene: Scene) -> str:
    """Two more fields are selected that Thena lacks: publishing will make them there."""
    firm = scene.firm
    for key, name in ((COMPANIES, sandbox_firm.TIER), (CONTACTS, TITLE)):
        firm.show("fields", "", key)
        page = firm.browser.press("Add the chosen fields", field=name)
        contains(page, "1 field is added", "New field", "made when you publish")
    return f"“{TIER_LABEL}” of companies and “{TITLE_LABEL}” of contacts, to be made in Thena"


def set_filters(scene: Scene) -> str:
    """Filters leave out internal companies, their contacts, and one account of Thena."""
    firm = scene.firm
    filter_by(firm, COMPANIES, "hubspot", NOT_INTERNAL)
    filter_by(firm, COMPANIES, "target", ("name", "not_contains", OLD))
    filter_by(firm, CONTACTS, "hubspot", ("email", "not_contains", ROBOTS))
    page = firm.show("filters", "", COMPANIES)
    contains(page, "does not equal", "HubSpot → Thena", "Thena → HubSpot")
    form, _button = page.form_of("Save the filter in the draft")
    counted = firm.browser.post(firm.address("filter-count", COMPANIES), **form.values)
    contains(counted, "records in HubSpot match")
    return f"two filters for companies, one for contacts; “{counted.text.partition(' match')[0]}”"


def filter_by(firm: Firm, key: str, side: str, *conditions: tuple[str, str, str]) -> Page:
    """Let these conditions, all of them, be the filter of a side."""
    posted = {"side": side, "step": "save"}
    for place, values in enumerate(conditions):
        names = (f"c0-{place}-{part}" for part in ("field", "operator", "operand"))
        posted |= dict(zip(names, values, strict=True))
    firm.show("filters", "", key)
    page = firm.browser.post(firm.address("filters", key), **posted)
    contains(page, "The filter is saved in the draft")
    return page


def _fields(firm: Firm, key: str) -> list[str]:
    config = drafts.config_of(drafts.of(firm.sync(key)))
    return [rule.hubspot for rule in config.rules]


STEPS: Final = (see_locked, choose_fields, set_filters)
