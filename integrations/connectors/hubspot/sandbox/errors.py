"""Error bodies as HubSpot writes them. No decision about when they apply lives here.

Source: HubSpot docs, "error handling", 2026-03-30; texts as seen in public captures.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response

Context = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One property that may not hold the value it was given."""

    name: str
    code: str
    message: str


class ApiError(Exception):
    """An answer other than success, raised from anywhere below a route."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str = "",
        *,
        sub_category: str = "",
        errors: Sequence[JsonObject] = (),
        context: Context | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.sub_category = sub_category
        self.errors = list(errors)
        self.context = dict(context or {})
        self.extra = extra or {}

    def body(self) -> JsonObject:
        """Return the JSON body; members without content are left out."""
        members: JsonObject = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
            "category": self.category,
            "subCategory": self.sub_category,
            "errors": self.errors,
            "context": self.context,
            **self.extra,
        }
        return {name: value for name, value in members.items() if value}

    def entry(self, context: Context) -> JsonObject:
        """Return the error as one entry of a 207 answer."""
        body = self.body()
        del body["correlationId"]
        return {**body, "context": {**self.context, **context}}

    def response(self) -> SandboxResponse:
        """Return the error as an answer of its own."""
        return json_response(self.body(), self.status)


def invalid_values(problems: Iterable[Problem]) -> ApiError:
    """400: one bad property rejects the whole record."""
    found = list(problems)
    legacy = [
        {"isValid": False, "message": p.message, "error": p.code, "name": p.name} for p in found
    ]
    return ApiError(
        400,
        f"Property values were not valid: {json.dumps(legacy)}",
        "VALIDATION_ERROR",
        errors=[
            {"message": p.message, "code": p.code, "context": {"propertyName": [p.name]}}
            for p in found
        ],
    )


def bad_request(message: str) -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, message, "VALIDATION_ERROR")


def not_found() -> ApiError:
    """404 for one record; it has no category in public captures."""
    return ApiError(404, "resource not found")


def missing_records(singular: str, ids: Iterable[str]) -> JsonObject:
    """Return the 207 entry for ids that a batch could not find."""
    return ApiError(
        404,
        f"Could not get some {singular.upper()} objects, they may be deleted or not exist."
        " Check that ids are valid.",
        "OBJECT_NOT_FOUND",
    ).entry({"ids": list(ids)})


def already_exists(record_id: int) -> ApiError:
    """409 for a contact's e-mail that is taken; the id is only in the text."""
    return ApiError(409, f"Contact already exists. Existing ID: {record_id}", "CONFLICT")


def missing_scope(scopes: Sequence[str]) -> ApiError:
    """403 naming the scopes of which one is needed."""
    return ApiError(
        403,
        "This app hasn't been granted all required scopes to make this call.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        extra={"links": {"scopes": "https://developers.hubspot.com/scopes"}},
    )
