"""The stored form of configurations and field lists: plain JSON, exact both ways.

A configuration names its format; what it is compared by is its fingerprint.
"""

from __future__ import annotations

import enum
import hashlib
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.specs import FieldSpec

FORMAT: Final = 1


def to_json(config: SyncConfig) -> dict[str, Any]:
    """Return a configuration as a dictionary that JSON can hold; it names its format."""
    packed: dict[str, Any] = pack(config)
    return {"format": FORMAT, **packed}


def from_json(stored: Mapping[str, Any]) -> SyncConfig:
    """Return the configuration that `to_json` stored; members it lacks take their defaults.

    Raises ConfigInvalid for another format, an unknown member or an unknown choice.
    """
    if stored.get("format") != FORMAT:
        raise ConfigInvalid(f"The stored configuration is not of format {FORMAT}.")
    plain = {name: value for name, value in stored.items() if name != "format"}
    try:
        config: SyncConfig = unpack(plain, SyncConfig)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConfigInvalid(f"The stored configuration cannot be read: {error}") from error
    return config


def fields_to_json(specs: Iterable[FieldSpec]) -> list[dict[str, Any]]:
    """Return a field list as JSON can hold it; members that say nothing are left out."""
    return [
        {name: pack(getattr(spec, name)) for name, bare in _bare() if getattr(spec, name) != bare}
        for spec in specs
    ]


def fields_from_json(stored: Iterable[Mapping[str, Any]]) -> dict[str, FieldSpec]:
    """Return the fields that `fields_to_json` stored, by name; raises ConfigInvalid."""
    try:
        found: list[FieldSpec] = [unpack(member, FieldSpec) for member in stored]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConfigInvalid(f"The stored field list cannot be read: {error}") from error
    return {spec.name: spec for spec in found}


def fingerprint(config: SyncConfig, specs: Iterable[FieldSpec] = ()) -> str:
    """Return a digest (64 hex characters) of a configuration and of field definitions with it.

    Which version a configuration is does not count.
    """
    members = [to_json(replace(config, version=0)), *fields_to_json(specs)]
    return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()


@cache
def _bare() -> tuple[tuple[str, Any], ...]:
    """Return the members of a field and what they are when nothing is said."""
    return tuple((member.name, member.default) for member in fields(FieldSpec))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def pack(value: Any) -> Any:
    """Return the plain form of an engine class: dictionaries, lists and scalars for JSON."""
    if is_dataclass(value):
        return {f.name: pack(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [pack(member) for member in value]
    return value.value if isinstance(value, enum.Enum) else value


def unpack(value: Any, kind: Any) -> Any:
    """Build a value of a declared type: class, enum, tuple, optional or plain scalar.

    Raises TypeError, ValueError, KeyError or AttributeError for what `pack` did not make.
    """
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else unpack(value, get_args(kind)[0])
    if get_origin(kind) is tuple:
        members = get_args(kind)
        if members[-1] is Ellipsis:
            return tuple(unpack(member, members[0]) for member in value)
        return tuple(unpack(v, m) for v, m in zip(value, members, strict=True))
    if is_dataclass(kind):
        build: Any = kind
        hints = _hints(build)
        return build(**{name: unpack(member, hints[name]) for name, member in value.items()})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    return value
