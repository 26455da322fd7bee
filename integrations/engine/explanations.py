"""What people read about each reason code: a sentence, a remedy, a tone. Decides nothing.

Sentences are templates; `{detail}` is filled from the decision and names fields and conditions,
never personal values.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations.engine.reasons import Reason


class Tone(enum.StrEnum):
    """How a screen shows a reason."""

    GOOD = "good"
    QUIET = "quiet"
    WAITING = "waiting"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person reads: a sentence, what would change it, and how urgent it looks."""

    sentence: str
    remedy: str
    tone: Tone


def _good(sentence: str, remedy: str = "Nothing to do.") -> Explanation:
    return Explanation(sentence, remedy, Tone.GOOD)


def _quiet(sentence: str, remedy: str) -> Explanation:
    return Explanation(sentence, remedy, Tone.QUIET)


def _waiting(sentence: str, remedy: str) -> Explanation:
    return Explanation(sentence, remedy, Tone.WAITING)


def _action(sentence: str, remedy: str) -> Explanation:
    return Explanation(sentence, remedy, Tone.ACTION)


R = Reason
EXPLANATIONS: dict[Reason, Explanation] = {
    R.CREATED: _good("Created in the other system. {detail}"),
    R.UPDATED: _good("Changes were written to the other system. {detail}"),
    R.LINKED: _good("Linked with the one matching record that already existed."),
    R.SETTLED: _good("Both sides had already moved to the same values."),
    R.IN_STEP: _good("Both sides agree; nothing had changed. {detail}"),
    R.RELINKED: _good("The record was merged in HubSpot; its link now follows the new record."),
    R.REPOINTED: _good("Now points to the record that a merge kept. {detail}"),
    R.UNMERGED: _good("Linked again as it was before a merge. {detail}"),
    R.EXTRA_REMOVED: _good(
        "Its HubSpot record was merged into another one, and the extra record was removed. {detail}"
    ),
    R.SUPERSEDED: _quiet(
        "Two linked records were merged in HubSpot; another link is kept. {detail}",
        "Check the extra record in the other system and merge or archive it there.",
    ),
    R.ARCHIVED: _good("Archived in the other system, as the deletion policy says."),
    R.FIELDS_QUARANTINED: _action(
        "Sent, but without these fields: {detail}",
        "Correct the named fields, or how they are mapped; they are sent with the next sync.",
    ),
    R.FIELD_EMPTY: _quiet(
        "Sent, although a field that usually belongs to it is empty. {detail}",
        "Fill in the named field if the other system should have it.",
    ),
    R.VALUE_KEPT: _quiet(
        "A value of the other system was kept, as its rule says. {detail}",
        "Change it there by hand, or let the rule overwrite values.",
    ),
    R.FILTERED_OUT: _quiet(
        "Excluded by a condition: {detail}",
        "Change the record so that it meets the condition, or change the filter.",
    ),
    R.FROZEN: _quiet(
        "Linked before, but it no longer meets a condition: {detail} Nothing is written.",
        "It resumes when the record meets the condition again.",
    ),
    R.WAITING_FOR_TRIGGER: _quiet(
        "Meets every condition, but has not entered the trigger stage since it was connected or "
        "last synced.",
        "Move it out of the stage and back, or choose “Sync now” on this page.",
    ),
    R.DIRECTION_FORBIDS: _quiet(
        "The change is on a side that this integration only writes to.",
        "Make the change in HubSpot, or change the field's direction.",
    ),
    R.CANNOT_CREATE: _quiet(
        "There is no matching record, and this integration does not create one there.",
        "Create it by hand, or allow creating in the settings.",
    ),
    R.CANNOT_UPDATE: _quiet(
        "The other system does not allow changing this record.",
        "Change it there by hand.",
    ),
    R.TOMBSTONE: _quiet(
        "It was deleted on one side earlier and is not created again.",
        "Restore the deleted record to resume.",
    ),
    R.FIELD_PAUSED: _quiet(
        "A field is paused, because its definition changed: {detail}",
        "Accept the proposed repair on the “Fields” page and publish it.",
    ),
    R.PARENT_NOT_SYNCED: _quiet(
        "It belongs to a record that is not synced: {detail}",
        "It is assigned by itself as soon as that record is synced.",
    ),
    R.REQUIRED_MISSING: _action(
        "Required fields are empty: {detail}",
        "Fill in the named fields in HubSpot, then move the record to the stage again or retry.",
    ),
    R.GROUP_INCOMPLETE: _action(
        "These fields belong together and some are empty: {detail}",
        "Fill in the named fields, or empty all fields of the group, then retry.",
    ),
    R.VALUE_INVALID: _action(
        "A value cannot be sent: {detail}",
        "Correct the named field, then retry.",
    ),
    R.REJECTED: _action(
        "It was refused: {detail}",
        "Correct what it names, then retry.",
    ),
    R.REFUSED_BEFORE: _action(
        "It was refused before and has not changed since. {detail}",
        "Correct what it names, or choose “Retry” to send it once more as it is.",
    ),
    R.AMBIGUOUS: _action(
        "Several records match, so none was chosen: {detail}",
        "Merge the duplicates or pick the right record, then retry.",
    ),
    R.CONFLICT: _action(
        "Both sides changed the same fields to different values: {detail}",
        "Choose which value wins.",
    ),
    R.MERGE_CONFLICT: _action(
        "Two records that were merged in HubSpot are both linked. {detail}",
        "Merge the two records in the other system by hand.",
    ),
    R.GONE: _quiet(
        "The record no longer exists. What was written before is kept.",
        "Restore the record to resume.",
    ),
    R.DELETE_HELD: _action(
        "One of the two records was deleted, the other one is still there. {detail}",
        "Decide on the page “Reviews” whether to archive or keep what is left, or restore the "
        "deleted record: the pair is then synced again.",
    ),
    R.MASS_DELETE: _action(
        "So many records were deleted at once that no deletion is carried on. {detail}",
        "Decide whether they are to be archived, or keep them.",
    ),
    R.ERASED: _quiet(
        "The person asked for erasure: values are gone everywhere, only the ids are kept.",
        "Nothing; the record is never created again.",
    ),
    R.ERASE_THERE: _action(
        "The person was erased here, but their record in the other system is still there: {detail}",
        "Erase it there, then mark this as done.",
    ),
    R.PENDING: _waiting("Waiting for its turn.", "Nothing to do."),
    R.WAITING_FOR_PARENT: _waiting(
        "Waiting for the record it belongs to: {detail}",
        "It goes on by itself as soon as that record is synced.",
    ),
    R.FIELD_UNSEEN: _waiting("An answer left out a field: {detail}", "It is read again by itself."),
    R.RATE_LIMITED: _waiting(
        "The account's call limit is used up for the moment.", "It continues by itself."
    ),
    R.UNAVAILABLE: _waiting(
        "The other system did not answer properly. {detail}",
        "It is tried again by itself.",
    ),
    R.WRITE_UNKNOWN: _waiting(
        "The answer to a write was lost; whether it arrived is being checked.",
        "It is resolved by reading, never by writing twice.",
    ),
    R.CHANGED_MEANWHILE: _waiting(
        "The record changed while it was being synced.", "It is read again by itself."
    ),
    R.GONE_GRACE: _waiting(
        "The record seems to be gone; a merge is being ruled out first.",
        "It is checked again in a few minutes.",
    ),
    R.MERGE_UNPROVEN: _waiting(
        "HubSpot does not show for certain yet that the two records were merged. {detail}",
        "It is checked again by itself; nothing is removed before it is certain.",
    ),
    R.STILL_REFERRED: _waiting(
        "Other records still point to the extra one, so it was not removed. {detail}",
        "They are pointed to the kept record with the next attempt.",
    ),
    R.LEASE_LOST: _waiting("Another worker took over this sync.", "It continues by itself."),
    R.INTERNAL_ERROR: _waiting(
        "Something unexpected went wrong in this portal. {detail}", "It is tried again by itself."
    ),
    R.GAVE_UP: _action(
        "It was tried several times without success. {detail}",
        "Check whether the other system works, then retry.",
    ),
    R.REAUTH_NEEDED: _action(
        "The connection's log-in is refused. {detail}",
        "Re-authenticate the connection; everything waiting is then synced.",
    ),
    R.SCOPE_MISSING: _action(
        "The connection lacks a permission: {detail}",
        "Connect again and grant the named permission.",
    ),
    R.APP_REMOVED: _action(
        "The app was uninstalled in the other system. {detail}",
        "Install the app there again, or re-authenticate the connection; links, mappings and "
        "versions are kept, and everything waiting is then synced.",
    ),
    R.EVENTS_REFUSED: _action(
        "The other system does not accept synced-events any more. {detail}",
        "Install the app there again. Records go on being synced meanwhile.",
    ),
    R.ENDPOINT_OFF: _action(
        "Your own webhook failed too often in a row and was switched off. {detail}",
        "Mend the receiver, try it with a test call, and switch the webhook on in the settings. "
        "Records go on being synced meanwhile.",
    ),
    R.MISCONFIGURED: _action(
        "This portal's own app settings are refused. {detail}",
        "The operator must correct the portal's settings; customers need do nothing.",
    ),
    R.CONFIG_INVALID: _action(
        "The integration's settings cannot run: {detail}",
        "Correct the settings and publish them.",
    ),
    R.PLAN_UNSAFE: _action(
        "The run was stopped before its first write: {detail}",
        "Look at the plan and approve it, or correct the settings.",
    ),
    R.JOB_OFF: _waiting(
        "A scheduled job that would carry this is switched off. {detail}",
        "Switch the job on; what waits for it then goes on by itself.",
    ),
    R.STILL_RUNNING: _waiting(
        "The job was skipped, because its run before was not over yet. {detail}",
        "It starts again when its period is over; choose a longer one if this happens often.",
    ),
    R.NOT_PREPARED: _action(
        "The other system is not prepared for this integration: {detail}",
        "Do what the page “Activation” says, then choose “Check again”.",
    ),
    R.SYNC_PAUSED: _waiting(
        "This integration is paused. {detail}", "It is processed after it resumes."
    ),
    R.UNINSTALLED: _quiet(
        "It came in before the integration was uninstalled and was dropped.",
        "Connect again; moves missed meanwhile are not replayed, so use “Sync now” for them.",
    ),
    R.EVENT_NOT_TRIGGER: _quiet(
        "A notice of a change that does not start this integration.", "Nothing to do."
    ),
    R.EVENT_IRRELEVANT: _quiet("A notice about something that is not synced.", "Nothing to do."),
    R.EVENT_NO_SYNC: _quiet(
        "No integration of this account that is set up uses this kind of record.",
        "Connect an integration that does, or finish setting it up.",
    ),
}


def explain(code: Reason | str, detail: str = "") -> str:
    """Return the full sentence of a code with its detail filled in."""
    return EXPLANATIONS[Reason(code)].sentence.replace("{detail}", detail).strip()


def remedy(code: Reason | str) -> str:
    """Return what would change the outcome."""
    return EXPLANATIONS[Reason(code)].remedy
