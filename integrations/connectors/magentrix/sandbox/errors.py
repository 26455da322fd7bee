"""How the sandbox refuses: one shape for a whole request, one for a record.

Both shapes are public (help.magentrix.com developer guide, "access token" and "describe an
entity", read 2026-11-20); the names of the codes are ours.
"""

from __future__ import annotations

from enum import StrEnum

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, json_response


class Code(StrEnum):
    """Why a record was refused."""

    REQUIRED_FIELD_MISSING = "REQUIRED_FIELD_MISSING"
    DUPLICATE_VALUE = "DUPLICATE_VALUE"
    INVALID_VALUE = "INVALID_VALUE"
    STRING_TOO_LONG = "STRING_TOO_LONG"
    INVALID_REFERENCE = "INVALID_REFERENCE"
    NOT_FOUND = "NOT_FOUND"
    READ_ONLY_FIELD = "READ_ONLY_FIELD"
    VALIDATION_RULE = "VALIDATION_RULE"
    SERVER_ERROR = "SERVER_ERROR"


class ApiError(Exception):
    """A refusal of a whole request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> SandboxResponse:
        """Return the answer of this refusal."""
        return json_response({"message": self.message, "success": False}, self.status)


class Refused(ApiError):
    """A refusal of one record; `errors` are items of code, fieldName and message."""

    def __init__(self, *errors: JsonObject, status: int = 400) -> None:
        super().__init__(status, " ".join(str(error["message"]) for error in errors))
        self.errors = list(errors)

    def result(self) -> JsonObject:
        """Return this record's place in the answer of a batch."""
        return {"id": None, "errors": self.errors, "success": False}

    def response(self) -> SandboxResponse:
        """Return the answer where the record came alone."""
        return json_response(self.result(), self.status)


def complaint(code: Code, field: str | None, message: str) -> JsonObject:
    """Return one item of a refusal's errors."""
    return {"code": code.value, "fieldName": field, "message": message}


def refused(code: Code, field: str | None, message: str, status: int = 400) -> Refused:
    """Return a refusal for one reason."""
    return Refused(complaint(code, field, message), status=status)


def gone(entity: str, record_id: str) -> Refused:
    """Return the refusal of a write to a record that is not there."""
    message = f"{entity} {record_id} does not exist or was deleted."
    return refused(Code.NOT_FOUND, "Id", message, status=404)
