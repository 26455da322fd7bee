"""Reads a query into its tree, by recursive descent. What MEQL lacks is refused by name."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from ..errors import ApiError
from .lexer import END, NAME, NUMBER, SIGN, TEXT, Word, words
from .tree import Compare, Condition, Empty, Every, Includes, Match, Not, Path, Query, Some, Value

T = TypeVar("T")
UNKNOWN: Final = ("IN", "LIKE", "DISTINCT", "JOIN", "HAVING", "UNION", "GROUP", "BETWEEN", "AS")
CASES: Final = {"ToLower": "lower", "ToUpper": "upper"}
MATCHES: Final = ("Contains", "StartsWith", "EndsWith")
COMPARISONS: Final = ("=", "!=", "<", ">", "<=", ">=")
CONSTANTS: Final = {"null": None, "true": True, "false": False}
AGGREGATES: Final = ("SUM", "AVG", "MAX", "MIN")
STEPS: Final[dict[str, str]] = {
    "AddSeconds": "seconds",
    "AddMinutes": "minutes",
    "AddHours": "hours",
    "AddDays": "days",
}
MONTHS: Final = {"AddMonths": 1, "AddYears": 12}
KEYWORDS: Final = ("SELECT", "FROM", "WHERE", "ORDER", "LIMIT", "AND", "OR", "NOT", *UNKNOWN)


def parse(text: str, now: datetime) -> Query:
    """Return the tree of a query; raises ApiError 400. `now` is what DateTime.UtcNow means."""
    return _Parser(words(text), now).query()


class _Parser:
    def __init__(self, found: list[Word], now: datetime) -> None:
        self.words = found
        self.place = 0
        self.now = now

    # ------------------------------------------------------------ clauses

    def query(self) -> Query:
        select, alias = self._selection() if self._take("SELECT") else ((), "")
        self._expect("FROM")
        entity = self._name()
        where = self._some() if self._take("WHERE") else None
        order, descending = self._order() if self._take("ORDER") else (None, False)
        take, offset = self._limit(order) if self._take("LIMIT") else (None, 0)
        if self.word.kind != END:
            raise self._unexpected()
        return Query(entity, select, alias, where, order, descending, take, offset)

    def _selection(self) -> tuple[tuple[Path, ...], str]:
        if self.word.says(*AGGREGATES) and self._next_is("("):
            raise ApiError(400, f"{self.word.text} is not known to this stand-in.")
        if self.word.says("COUNT") and self._next_is("("):
            return (), self._count()
        paths = [self._path()]
        while self._sign(","):
            paths.append(self._path())
        return tuple(paths), ""

    def _count(self) -> str:
        self.place += 2
        self._path()
        self._close()
        self._take("AS")
        if self.word.kind != NAME or self.word.says("FROM"):
            raise ApiError(400, "COUNT needs an alias.")
        return self._name()

    def _order(self) -> tuple[Path, bool]:
        self._expect("BY")
        path = self._path()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        if self._sign(","):
            raise ApiError(400, "ORDER BY takes one field.")
        return path, descending

    def _limit(self, order: Path | None) -> tuple[int, int]:
        take = self._count_of("LIMIT")
        if not self._sign(","):
            return take, 0
        if order is None:
            raise ApiError(400, "An offset needs ORDER BY.")
        return take, self._count_of("The offset")

    def _count_of(self, what: str) -> int:
        word = self._next()
        if word.kind != NUMBER or not word.text.isdecimal():
            raise ApiError(400, f"{what} must be a whole number.")
        return int(word.text)

    # ------------------------------------------------------------ conditions

    def _some(self) -> Condition:
        items = self._joined(self._every, "OR")
        return items[0] if len(items) == 1 else Some(items)

    def _every(self) -> Condition:
        items = self._joined(self._single, "AND")
        return items[0] if len(items) == 1 else Every(items)

    def _joined(self, read: Callable[[], Condition], keyword: str) -> tuple[Condition, ...]:
        items = [read()]
        while self._take(keyword):
            items.append(read())
        return tuple(items)

    def _single(self) -> Condition:
        if self._take("NOT"):
            self._open()
            return Not(self._closed(self._some()))
        if self._sign("("):
            return self._closed(self._some())
        if self.word.text in ("String", "Fn") and self._next_is("."):
            return self._function()
        return self._about_field()

    def _function(self) -> Condition:
        owner, _, name = self._next(), self._next(), self._name()
        self._open()
        path = self._path()
        match owner.text, name:
            case "String", "IsNullOrEmpty":
                return self._closed(Empty(path))
            case "Fn", "Includes" | "Excludes":
                texts = []
                while self._sign(","):
                    texts.append(self._text())
                if texts:
                    return self._closed(Includes(path, tuple(texts), name == "Excludes"))
        raise ApiError(400, f"There is no function {owner.text}.{name} of this form.")

    def _about_field(self) -> Condition:
        path, case = self._path(), ""
        while self._sign("."):
            method = self._name()
            self._open()
            if method in CASES:
                case = self._closed(CASES[method])
            elif method in MATCHES:
                return self._closed(Match(path, case, method, self._text()))
            else:
                raise ApiError(400, f"There is no method {method}.")
        if self.word.kind != SIGN or self.word.text not in COMPARISONS:
            raise self._unexpected(", a comparison was expected")
        sign = self._next().text
        return Compare(path, case, sign, self._value())

    def _value(self) -> Value:
        word = self.word
        known = word.kind in (TEXT, NUMBER) or word.text in CONSTANTS or word.text == "DateTime"
        if not known:
            raise self._unexpected()
        self.place += 1
        if word.kind == TEXT:
            return word.text
        if word.kind == NUMBER:
            return float(word.text)
        return CONSTANTS[word.text] if word.text in CONSTANTS else self._moment()

    def _moment(self) -> datetime:
        self._expect_sign(".")
        base = self._name()
        if base not in ("UtcNow", "Today"):
            raise ApiError(400, f"There is no DateTime.{base}.")
        moment = self.now
        if base == "Today":
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        while self._sign("."):
            step = self._name()
            self._open()
            number = self._next()
            if number.kind != NUMBER or step not in (*STEPS, *MONTHS):
                raise ApiError(400, f"There is no DateTime.{base}.{step} of this form.")
            moment = self._closed(_moved(moment, step, float(number.text)))
        return moment

    # ------------------------------------------------------------ words

    @property
    def word(self) -> Word:
        return self.words[self.place]

    def _next(self) -> Word:
        word = self.word
        self.place = min(self.place + 1, len(self.words) - 1)
        return word

    def _next_is(self, sign: str) -> bool:
        return self.words[min(self.place + 1, len(self.words) - 1)] == Word(SIGN, sign)

    def _take(self, keyword: str) -> bool:
        if not self.word.says(keyword):
            return False
        self.place += 1
        return True

    def _sign(self, sign: str) -> bool:
        if self.word != Word(SIGN, sign):
            return False
        self.place += 1
        return True

    def _expect(self, keyword: str) -> None:
        if not self._take(keyword):
            raise self._unexpected(f", {keyword} was expected")

    def _expect_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected(f", {sign} was expected")

    def _open(self) -> None:
        self._expect_sign("(")

    def _close(self) -> None:
        self._expect_sign(")")

    def _closed(self, read: T) -> T:
        self._close()
        return read

    def _text(self) -> str:
        if self.word.kind != TEXT:
            raise self._unexpected(", a text was expected")
        return self._next().text

    def _name(self) -> str:
        if self.word.kind != NAME or self.word.says(*KEYWORDS):
            raise self._unexpected(", a name was expected")
        return self._next().text

    def _path(self) -> Path:
        """Read a field; a word after a dot that is called is a method, not a field."""
        first = self._name()
        ahead = self.words[self.place : self.place + 3]
        called = len(ahead) > 2 and ahead[2] == Word(SIGN, "(")
        if ahead[0] != Word(SIGN, ".") or called:
            return Path(first)
        self.place += 1
        path = Path(self._name(), first)
        if self.word == Word(SIGN, ".") and not self._method_follows():
            raise ApiError(400, "Only one step along a lookup is known to this stand-in.")
        return path

    def _method_follows(self) -> bool:
        ahead = self.words[self.place + 1 : self.place + 3]
        return len(ahead) > 1 and ahead[1] == Word(SIGN, "(")

    def _unexpected(self, hint: str = "") -> ApiError:
        word = self.word
        if word.says(*UNKNOWN):
            return ApiError(400, f"{word.text} is not supported.")
        shown = f"'{word.text}'" if word.kind != END else "the end of the query"
        return ApiError(400, f"Unexpected {shown}{hint}.")


def _moved(moment: datetime, step: str, number: float) -> datetime:
    """Return a moment so many units later; raises ApiError 400 beyond the years there are."""
    try:
        if step in STEPS:
            return moment + timedelta(**{STEPS[step]: number})
        years, month = divmod(moment.month - 1 + int(number) * MONTHS[step], 12)
        year = moment.year + years
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError):
        raise ApiError(400, "This moment is out of range.") from None
