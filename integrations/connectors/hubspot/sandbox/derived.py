"""Values HubSpot computes from others. They move the modified date but send no webhook.

Computed amounts show the noise of binary floats, as seen in public captures of real answers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from .kinds import CONTACTS, DEALS, Kind

if TYPE_CHECKING:
    from .account import Account

_SOURCES = {
    "contacts": {"email", "firstname", "lastname"},
    "companies": set[str](),
    "deals": {"pipeline", "dealstage", "amount"},
}


def derives(kind: Kind, changed: Iterable[str]) -> bool:
    """Say whether a change of these properties changes a computed one."""
    return not _SOURCES[kind.plural].isdisjoint(changed)


def derive(account: "Account", kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    """Return the computed values of a record ("" where there is nothing to compute)."""
    if kind is CONTACTS:
        return _contact(values)
    return _deal(account, values) if kind is DEALS else {}


def _contact(values: Mapping[str, str]) -> dict[str, str]:
    email = values.get("email", "")
    name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
    return {
        "hs_email_domain": email.rpartition("@")[2],
        "hs_full_name_or_email": name or email,
    }


def _deal(account: "Account", values: Mapping[str, str]) -> dict[str, str]:
    pipeline = account.pipelines.get(values.get("pipeline", ""), {"stages": []})
    stage = next((s for s in pipeline["stages"] if s["id"] == values.get("dealstage")), None)
    if stage is None:
        return {}
    probability = float(stage["probability"])
    amount = values.get("amount", "")
    won = stage["closed"] and probability == 1.0
    return {
        "hs_is_closed": _flag(stage["closed"]),
        "hs_is_closed_won": _flag(won),
        "hs_is_closed_lost": _flag(stage["closed"] and not won),
        "hs_deal_stage_probability": _noisy(probability),
        "amount_in_home_currency": amount,
        "hs_projected_amount": _noisy(float(amount) * probability) if amount else "",
        "hs_closed_amount": amount if won else "0",
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _noisy(number: float) -> str:
    return format(Decimal(number), "f")
