"""How instants, reason codes and icons look on a page. No queries here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.engine.catalogue import TYPE_LABELS
from integrations.engine.explanations import EXPLANATIONS, Tone
from integrations.engine.mapping import FieldRule
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.engine.specs import ConnectorSpec, FieldSpec
from integrations.models import AuditEntry, ObjectSync, RunKind
from integrations.services import jobs

register = template.Library()
MINUTE = 60

STATES: dict[str, tuple[object, Tone]] = {
    LinkState.PENDING: (_("Waiting"), Tone.WAITING),
    LinkState.LINKED: (_("In sync"), Tone.GOOD),
    LinkState.EXCLUDED: (_("Excluded"), Tone.QUIET),
    LinkState.HELD: (_("Held for a person"), Tone.ACTION),
    LinkState.FAILING: (_("Failing"), Tone.ACTION),
    LinkState.FROZEN: (_("Frozen"), Tone.QUIET),
    LinkState.GONE: (_("Gone"), Tone.QUIET),
    LinkState.SUPERSEDED: (_("Superseded"), Tone.QUIET),
    "active": (_("Active"), Tone.GOOD),
    "paused": (_("Paused"), Tone.WAITING),
    "uninstalled": (_("Disconnected"), Tone.QUIET),
    "queued": (_("Queued"), Tone.WAITING),
    "running": (_("Running"), Tone.WAITING),
    "done": (_("Done"), Tone.GOOD),
    "failed": (_("Failed"), Tone.ACTION),
    "cancelled": (_("Cancelled"), Tone.QUIET),
    "setup": (_("Being set up"), Tone.WAITING),
    "waiting": (_("Waiting"), Tone.WAITING),
    "sent": (_("Sent"), Tone.GOOD),
    "dropped": (_("Given up"), Tone.ACTION),
    "stale": (_("Out of date"), Tone.WAITING),
    "open": (_("Under way"), Tone.WAITING),
    "undone": (_("Undone"), Tone.QUIET),
}

TITLES: dict[str, object] = {
    "settle": _("Found the same on both sides"),
    "exclude": _("Excluded"),
    "freeze": _("Frozen"),
    "unlink": _("Unlinked"),
    "hold": _("Held for a person"),
    "fail": _("Could not be sent"),
    "wait": _("Waiting"),
    "record.sync_now": _("Sync now asked for"),
    "record.restored": _("HubSpot's value restored"),
    "records.retried": _("Retry asked for"),
    "connection.connected": _("Credentials accepted"),
    "connection.installed": _("HubSpot connected"),
    "connection.renewed": _("Authenticated again"),
    "connection.paused": _("Log-in refused, connection paused"),
    "fields.repaired": _("HubSpot properties repaired"),
    "tenant.created": _("Organisation created"),
    "member.role_set": _("Role given"),
    "event.replayed": _("Notice replayed"),
    "job.skipped": _("Start of a job skipped"),
    "job.changed": _("Scheduled job changed"),
    "repoint": _("Points to the kept record now"),
    "children": _("What belongs to it is looked at again"),
    "remove": _("Extra record gone"),
    "decided": _("Removal decided"),
    "keep": _("Extra record kept"),
    "by_hand": _("Merged by hand"),
    "merge.remove": _("Removal of an extra record decided"),
    "merge.keep": _("Extra record of a merge kept"),
    "merge.by_hand": _("Merged by hand"),
    "merge.retry": _("Merge tried again"),
    Reason.REQUIRED_MISSING: _("Required field empty"),
    Reason.GROUP_INCOMPLETE: _("Incomplete fields"),
    Reason.VALUE_INVALID: _("Invalid value"),
    Reason.FIELDS_QUARANTINED: _("Sent without some fields"),
    Reason.IN_STEP: _("Up to date"),
    Reason.RELINKED: _("Merged in HubSpot"),
    Reason.SETTLED: _("Already the same"),
    Reason.TOMBSTONE: _("Deleted earlier"),
    Reason.WRITE_UNKNOWN: _("Being confirmed"),
    Reason.GONE_GRACE: _("Seems to be gone"),
    Reason.LEASE_LOST: _("Taken over"),
    Reason.REAUTH_NEEDED: _("Log-in refused"),
    Reason.PLAN_UNSAFE: _("Stopped before writing"),
}
"""Codes whose own words would not tell a person enough; all others are their own title."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one symbol of `icons.svg`; hidden from screen readers."""
    sprite = static("portal/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.filter
def instant(at: datetime | None) -> str:
    """Show an instant in the person's zone, with the UTC instant on hover."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    this_year = local.year == timezone.localtime().year
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds"),
        at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        formats.date_format(local, "j M, H:i" if this_year else "j M Y, H:i"),
    )


@register.filter
def duration(seconds: float | None) -> str:
    """Say how long something takes in round words: "about 3 min"."""
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return gettext("less than a minute")
    minutes = round(seconds / MINUTE)
    if minutes < MINUTE:
        return gettext("about %d min") % minutes
    return gettext("about %(hours)d h %(minutes)d min") % {
        "hours": minutes // MINUTE,
        "minutes": minutes % MINUTE,
    }


@register.filter
def percent(share: float) -> str:
    """Return a share as a whole percentage; what is not finished is never 100 %."""
    return f"{int(share * 100)} %"


@register.filter
def state_chip(state: str) -> SafeString:
    """Show a link, sync or run state as a coloured chip."""
    label, tone = STATES.get(state, (state, Tone.QUIET))
    return format_html('<span class="chip tone-{}">{}</span>', tone.value, label)


@register.filter
def state_label(state: str) -> str:
    """Return the word for a state."""
    return str(STATES.get(state, (state, Tone.QUIET))[0])


@register.filter
def state_tone(state: str) -> str:
    """Return the tone of a state: good, quiet, waiting or action."""
    return STATES.get(state, (state, Tone.QUIET))[1].value


@register.filter
def sentence(code: str, detail: str = "") -> str:
    """Return a reason's sentence in the person's language; an unknown code is shown as it is."""
    if code not in set(Reason):
        return code
    return gettext(EXPLANATIONS[Reason(code)].sentence).replace("{detail}", detail).strip()


@register.filter
def remedy(code: str) -> str:
    """Return what would change a reason's outcome."""
    return gettext(EXPLANATIONS[Reason(code)].remedy) if code in set(Reason) else ""


@register.filter
def tone(code: str) -> str:
    """Return how a reason is shown: good, quiet, waiting or action."""
    return (EXPLANATIONS[Reason(code)].tone if code in set(Reason) else Tone.QUIET).value


@register.filter
def title_of(code: str) -> str:
    """Return a code as a short title: "filtered_out" becomes "Filtered out"."""
    if code in TITLES:
        return str(TITLES[code])
    return code.replace("_", " ").replace(".", " ").capitalize()


@register.simple_tag
def reason_chip(code: str) -> SafeString:
    """Show a reason code as a chip in its tone."""
    return format_html('<span class="chip tone-{}">{}</span>', tone(code), title_of(code))


@register.filter
def required_labels(rules: Iterable[FieldRule]) -> list[str]:
    """Return the labels of the fields without which nothing is sent."""
    return [rule.label or rule.hubspot for rule in rules if rule.required]


@register.filter
def scope_words(scope: str) -> str:
    """Say a HubSpot scope in words: "crm.objects.contacts.read" becomes "Read contacts"."""
    parts = scope.split(".")
    if len(parts) != len(("crm", "kind", "object", "verb")):
        return scope
    verb = _("Read") if parts[3] == "read" else _("Change")
    what = _("the properties of") if parts[1] == "schemas" else ""
    return " ".join(str(word) for word in (verb, what, parts[2]) if word)


@register.filter
def field_kind(spec: FieldSpec | None) -> str:
    """Return the word for a field's type, "" for an unknown field."""
    return gettext(TYPE_LABELS[spec.type]) if spec else ""


@register.filter
def arrow(spec: ConnectorSpec) -> str:
    """Return the sign of how records travel: both ways where they may be made in HubSpot, too."""
    both = any(Side.HUBSPOT in sync.build({}).create_in for sync in spec.syncs)
    return "⇄" if both else "→"


@register.filter
def side_name(side: Side, spec: ConnectorSpec) -> str:
    """Return what people call the system on a side."""
    return "HubSpot" if side is Side.HUBSPOT else spec.label


@register.filter
def pair_of(row: ObjectSync, spec: ConnectorSpec) -> str:
    """Say which records are paired: "Companies ⇄ Accounts"."""
    return f"{title_of(row.hubspot_object)} {arrow(spec)} {title_of(row.target_object)}"


@register.filter
def told(entry: AuditEntry) -> str:
    """Return an entry's detail; a run's kind, stored as "#6 reconcile", in words."""
    number, _space, kind = entry.detail.partition(" ")
    if entry.action.startswith("run.") and kind in set(RunKind):
        return f"{number} {run_kind(kind)}"
    return str(entry.detail)


@register.filter
def run_kind(kind: str) -> str:
    """Return the word for a kind of run."""
    return str(RunKind(kind).label)


@register.filter
def period(minutes: int) -> str:
    """Say a period in words: "5 minutes", "7 days", "never"."""
    return jobs.words(minutes)
