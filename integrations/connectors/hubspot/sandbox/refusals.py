"""Values that an account refuses to programs, with a message of the test's choice.

Stands for everything by which HubSpot refuses a value that looks right: property rules, workflows,
limits of the subscription. Source of the shapes: HubSpot docs, "error handling", 2026-03-30.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import ApiError, Problem, invalid_values
from .kinds import Kind

ANY = "*"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One value of one property that is refused; `value` "*" is any.

    `message` is what HubSpot says, `code` its code. `status` is 400, or 409 for a conflict.
    """

    object_type: str
    property: str
    value: str
    message: str
    code: str = "INVALID_VALUE"
    status: int = 400


def refuse(refusals: Iterable[Refusal], kind: Kind, values: Mapping[str, str]) -> None:
    """Refuse a write if one of its values is refused; raises ApiError."""
    met = [
        one
        for one in refusals
        if one.object_type == kind.plural
        and one.property in values
        and one.value in (ANY, values[one.property])
    ]
    for one in met:
        if one.status != 400:
            raise ApiError(one.status, one.message, "CONFLICT" if one.status == 409 else "")
    if met:
        raise invalid_values(Problem(one.property, one.code, one.message) for one in met)
