"""The transforms in words: labels, help, arguments and the types each one joins. Decides nothing.

Texts are plain English; views translate them. `engine.catalogue` offers them beside the operators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from integrations.engine.records import FieldType
from integrations.engine.specs import Option
from integrations.engine.transform_words import Argument as Argument
from integrations.engine.transform_words import ArgumentKind as ArgumentKind
from integrations.engine.transform_words import TransformEntry as TransformEntry
from integrations.engine.transform_words import TypePair
from integrations.engine.transforms import DEFAULT, UNMAPPED

T, N, B, D, I, C, M, R = FieldType  # noqa: E741 - one letter per column of the tables below


def _entry(
    name: str, label: str, help_text: str, pairs: Iterable[TypePair], *arguments: Argument
) -> TransformEntry:
    return TransformEntry(name, label, help_text, frozenset(pairs), arguments)


def _turned(name: str, label: str, help_text: str, straight: TransformEntry) -> TransformEntry:
    pairs = frozenset((target, hubspot) for hubspot, target in straight.pairs)
    return TransformEntry(name, label, help_text, pairs, straight.arguments)


_TEXTS: Final = ((T, T),)
_LIMIT: Final = Argument("max", "Longest text", "Number of characters.", ArgumentKind.NUMBER)
_ENTRIES: Final = (
    Argument("", "Values", "Which HubSpot value is which target value.", ArgumentKind.ENTRIES),
    Argument(
        UNMAPPED,
        "A value without an entry",
        "What to do with a value that is not in the table.",
        ArgumentKind.CHOICE,
        (
            Option("fail", "leave the field alone and report it"),
            Option("keep", "send it as it is"),
            Option("blank", "send nothing"),
            Option("default", "send the default"),
        ),
        "fail",
    ),
    Argument(DEFAULT, "Default", "The target value sent for values without an entry."),
)
_AFFIX: Final = _entry(
    "affix",
    "Add text around",
    "Puts a fixed text before or after; the way back takes it off again.",
    _TEXTS,
    Argument("prefix", "Text before"),
    Argument("suffix", "Text after"),
)
_DATE_INSTANT: Final = _entry(
    "date_to_datetime",
    "Date to date and time",
    "Writes midnight in UTC; back comes the day in UTC, without the time.",
    ((D, I),),
)
_DATE_TEXT: Final = _entry(
    "date_to_text",
    "Date to text",
    "Writes a date in the given form.",
    ((D, T),),
    Argument("format", "Form", "Uses %Y, %m and %d, as in %d.%m.%Y.", default="%Y-%m-%d"),
)
_INSTANT_TEXT: Final = _entry(
    "datetime_to_text",
    "Date and time to text",
    "Writes the moment in UTC, as in 2026-03-01T12:00:00Z.",
    ((I, T),),
)
_NUMBER_TEXT: Final = _entry(
    "number_to_text", "Number to text", "Writes a number in plain digits.", ((N, T), (N, C))
)
_BOOLEAN_TEXT: Final = _entry(
    "boolean_to_text",
    "Yes or no to text",
    "Writes yes and no as the given words or options.",
    ((B, T), (B, C)),
    Argument("true", "Word for yes", default="true"),
    Argument("false", "Word for no", default="false"),
)
_JOIN: Final = _entry(
    "join",
    "Options to one text",
    "Writes all options as one text; the way back takes it apart.",
    ((M, T),),
    Argument("separator", "Separator", "What stands between the options.", default=";"),
)

_ALL: Final = (
    _entry("", "As it is", "The value travels unchanged.", ((t, t) for t in FieldType)),
    _entry("text", "Tidy text", "Takes out needless spaces; refuses longer texts.", _TEXTS, _LIMIT),
    _entry(
        "cut",
        "Cut text",
        "Keeps the first characters. Travels to the target only.",
        _TEXTS,
        Argument("max", "Longest text", kind=ArgumentKind.NUMBER, required=True),
    ),
    _entry("name", "Name of a person", "Tidies; asks for at least one letter.", _TEXTS, _LIMIT),
    _entry("email", "E-mail address", "Takes out outer spaces and capitals.", _TEXTS),
    _entry("domain", "Web domain", "Writes the bare domain of an address.", _TEXTS),
    _entry(
        "case",
        "Capitals and small letters",
        "Spells both sides alike.",
        _TEXTS,
        Argument(
            "to",
            "Spelling",
            kind=ArgumentKind.CHOICE,
            choices=(
                Option("upper", "ALL CAPITALS"),
                Option("lower", "all small letters"),
                Option("words", "Each Word With A Capital"),
            ),
            required=True,
        ),
    ),
    _AFFIX,
    _turned("strip_affix", "Take text off", "The way back adds it again.", _AFFIX),
    _entry(
        "phone_digits",
        "US telephone number",
        "Writes the ten digits of a US number. Travels to the target only.",
        _TEXTS,
        Argument("max", "Longest text", "Cuts other numbers.", ArgumentKind.NUMBER, default="80"),
    ),
    _entry(
        "phone_international",
        "International telephone number",
        "Writes + and digits; a number that does not name its country is refused.",
        _TEXTS,
    ),
    _entry("us_state", "US state", "Writes the two-letter code.", _TEXTS),
    _entry(
        "country",
        "Country",
        "Writes the two-letter code; back comes the German name.",
        _TEXTS,
    ),
    _entry(
        "german_state",
        "German state",
        "Writes the two-letter code; back comes the name. Other states stay as they are.",
        _TEXTS,
    ),
    _entry(
        "choice",
        "One of these options",
        "Finds the option whatever its capitals; anything else is refused.",
        ((T, T), (T, C), (C, T), (C, C)),
        Argument("options", "Options", "Separated by semicolons.", required=True),
    ),
    _entry(
        "date",
        "Checked date",
        "Refuses dates that are too early or in the future.",
        ((D, D),),
        Argument("earliest", "Earliest date", default="1900-01-01"),
        Argument(
            "past",
            "Future dates",
            kind=ArgumentKind.CHOICE,
            choices=(Option("yes", "refuse dates in the future"),),
        ),
    ),
    _DATE_TEXT,
    _turned("text_to_date", "Text to date", "Reads a date of the given form.", _DATE_TEXT),
    _DATE_INSTANT,
    _entry(
        "datetime_to_date",
        "Date and time to date",
        "Writes the day in a time zone. Travels to the target only.",
        ((I, D),),
        Argument("zone", "Time zone", "As in Europe/Berlin or UTC.", required=True),
    ),
    _turned(
        "datetime_to_day",
        "Date and time to day, both ways",
        "Writes the day in UTC; a changed day comes back as its midnight in UTC.",
        _DATE_INSTANT,
    ),
    _INSTANT_TEXT,
    _turned("text_to_datetime", "Text to date and time", "Reads ISO 8601 texts.", _INSTANT_TEXT),
    _entry(
        "scale",
        "Move the decimal point",
        "Multiplies by a power of ten: 2 makes cents of an amount.",
        ((N, N),),
        Argument(
            "power",
            "Places",
            "To the right; negative to the left.",
            ArgumentKind.NUMBER,
            default="0",
        ),
    ),
    _NUMBER_TEXT,
    _turned("text_to_number", "Text to number", "Reads a number in plain digits.", _NUMBER_TEXT),
    _BOOLEAN_TEXT,
    _turned("text_to_boolean", "Text to yes or no", "Reads the given words.", _BOOLEAN_TEXT),
    _entry(
        "value_map",
        "Value list",
        "Replaces each value by its entry in a table.",
        (*((a, b) for a in (T, C) for b in (T, C)), (M, M)),
        *_ENTRIES,
    ),
    _entry(
        "table",
        "Live table",
        "Translates by a table of this integration, such as owners or stages: see its own page.",
        ((a, b) for a in (T, C) for b in (T, C)),
        Argument(
            "@name",
            "Table",
            kind=ArgumentKind.CHOICE,
            choices=(Option("owners", "owners"), Option("stages", "stages")),
            required=True,
        ),
        Argument("@otherwise", "For values without an entry", "Empty: the field is not sent."),
        Argument(
            "@unassigned",
            "Values without an entry, if nothing is said for them",
            kind=ArgumentKind.CHOICE,
            choices=(
                Option("fail", "are not sent, and say so"),
                Option("leave", "leave the target's value as it is"),
            ),
            default="fail",
        ),
        Argument(
            "@unknown",
            "Unknown values of the target",
            kind=ArgumentKind.CHOICE,
            choices=(
                Option("fail", "are not sent to HubSpot, and say so"),
                Option("leave", "leave HubSpot's value as it is"),
            ),
            default="fail",
        ),
    ),
    _entry(
        "synonyms",
        "Words with several spellings",
        "Replaces each spelling by its word; the first spelling of a word is the way back.",
        ((a, b) for a in (T, C) for b in (T, C)),
        _ENTRIES[0],
    ),
    _entry(
        "choice_to_list",
        "One option to several",
        "Makes a list of one option.",
        ((C, M),),
        *_ENTRIES,
    ),
    _entry(
        "list_to_choice", "Several options to one", "Takes a list of one.", ((M, C),), *_ENTRIES
    ),
    _JOIN,
    _turned("split", "Text to options", "Takes a text apart; the way back joins it.", _JOIN),
)
TRANSFORM_ENTRIES: Final[Mapping[str, TransformEntry]] = {entry.name: entry for entry in _ALL}
"""Every entry of `transforms.TRANSFORMS` by name."""
