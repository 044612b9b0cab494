"""When a question is shown: `show_if` as a small tree that can be evaluated.

Grammar (the words `and or not in answered` are reserved)::

    condition  = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" condition ")" | "answered" "(" item ")"
               | item ("==" | "!=" | "<" | "<=" | ">" | ">=") number
               | item "in" "(" number { "," number } ")"

A comparison with an unanswered item is false, whatever the comparison (also
``!=``): a follow-up question waits for the answer it follows. ``in`` on a
multiple-choice item asks whether any of the codes was chosen. The logic has
two values: ``not (a == 1)`` is true while `a` is unanswered.

Forms and collection use this one tree; renderings into other languages
(Excel, XLSForm) are functions over it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from surveykit.errors import Place, SurveykitError

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
RESERVED = ("and", "or", "not", "in", "answered")
MAX_LENGTH = 1000
MAX_DEPTH = 20
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d{1,15}(?:\.\d{1,6})?(?![\w.]))|(?P<name>[A-Za-z_]\w*)|(?P<sign>[=!<>]=|[<>(),]))",
    re.ASCII,
)
Number: TypeAlias = int | float


@dataclass(frozen=True)
class Comparison:
    """``item == 1``; false where the item is unanswered."""

    item: str
    operator: str
    value: Number

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return any(OPERATORS[self.operator](one, self.value) for one in _numbers(answers.get(self.item)))

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return (self.item,)

    def __str__(self) -> str:
        return f"{self.item} {self.operator} {self.value}"


@dataclass(frozen=True)
class Membership:
    """``item in (1, 2)``; for a multiple-choice item: any of them chosen."""

    item: str
    values: tuple[Number, ...]

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return any(one in self.values for one in _numbers(answers.get(self.item)))

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return (self.item,)

    def __str__(self) -> str:
        return f"{self.item} in ({', '.join(str(value) for value in self.values)})"


@dataclass(frozen=True)
class Answered:
    """``answered(item)``: any answer at all, missing codes such as "do not know" included."""

    item: str

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return is_answered(answers.get(self.item))

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return (self.item,)

    def __str__(self) -> str:
        return f"answered({self.item})"


@dataclass(frozen=True)
class Not:
    """``not condition``."""

    condition: Condition

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return not self.condition.evaluate(answers)

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return self.condition.items

    def __str__(self) -> str:
        return f"not ({self.condition})"


@dataclass(frozen=True)
class AllOf:
    """``a and b and ...``."""

    conditions: tuple[Condition, ...]

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return all(one.evaluate(answers) for one in self.conditions)

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return _each_once(self.conditions)

    def __str__(self) -> str:
        return " and ".join(f"({one})" if isinstance(one, AnyOf) else str(one) for one in self.conditions)


@dataclass(frozen=True)
class AnyOf:
    """``a or b or ...``."""

    conditions: tuple[Condition, ...]

    def evaluate(self, answers: Mapping[str, object]) -> bool:
        """Whether the condition holds for the answers given so far (item id -> value)."""
        return any(one.evaluate(answers) for one in self.conditions)

    @property
    def items(self) -> tuple[str, ...]:
        """The items that the condition looks at, each once, in order."""
        return _each_once(self.conditions)

    def __str__(self) -> str:
        return " or ".join(str(one) for one in self.conditions)


Condition: TypeAlias = Comparison | Membership | Answered | Not | AllOf | AnyOf


def is_answered(value: object) -> bool:
    """Whether a value is an answer: not None, NaN, NA, an empty text or an empty selection."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return False
    if isinstance(value, str | tuple | list | set | frozenset):
        return bool(value.strip() if isinstance(value, str) else value)
    return bool(value == value)  # NaN is not


def parse_show_if(text: str, place: Place | None = None) -> Condition:
    """The condition that a `show_if` text says.

    Parameters
    ----------
    text : str
        For example ``"role == 1 and not answered(firm_size)"``.
    place : Place, optional
        Where the text's first character stands, for the refusal.

    Raises
    ------
    SurveykitError
        I041 the text does not follow the grammar (names the character); I043 it ends too early; I042 it is
        longer than 1,000 characters or nested deeper than 20.

    Examples
    --------
    >>> condition = parse_show_if("role == 1 or size in (2, 3)")
    >>> condition.evaluate({"role": 2, "size": 3}), condition.evaluate({"role": 2})
    (True, False)
    >>> condition.items
    ('role', 'size')
    """
    if len(text) > MAX_LENGTH:
        raise SurveykitError("I042", place=place, length=MAX_LENGTH, depth=MAX_DEPTH)
    parser = _Parser(text, place)
    condition = parser.condition(0)
    if parser.kind != "end":
        parser.refuse()
    return condition


@dataclass
class _Parser:
    """Recursive descent over one token of look-ahead."""

    text: str
    place: Place | None
    kind: str = ""
    token: str = ""
    start: int = 0
    end: int = field(default=0)

    def __post_init__(self) -> None:
        self._next()

    def _next(self) -> None:
        match = TOKEN.match(self.text, self.end)
        if match:
            self.kind = str(match.lastgroup)
            self.token, self.start, self.end = match[self.kind], match.start(self.kind), match.end()
            return
        rest = self.text[self.end :]
        self.start = self.end + len(rest) - len(rest.lstrip())
        self.kind, self.token = ("wrong", rest.lstrip()[:1]) if rest.strip() else ("end", "")
        if self.kind == "wrong":
            self.refuse()

    def refuse(self) -> NoReturn:
        place = self.place
        if place is not None and place.column is not None and "\n" not in self.text:
            place = Place(file=place.file, line=place.line, column=place.column + self.start)
        if self.kind == "end":
            raise SurveykitError("I043", place=place, text=self.text)
        raise SurveykitError("I041", place=place, text=self.text, position=self.start + 1, found=self.token)

    def take(self, token: str) -> bool:
        """Step over the token if it is the next one."""
        if self.token != token:
            return False
        self._next()
        return True

    def expect(self, token: str) -> None:
        if not self.take(token):
            self.refuse()

    def condition(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise SurveykitError("I042", place=self.place, length=MAX_LENGTH, depth=MAX_DEPTH)
        terms = [self.term(depth)]
        while self.take("or"):
            terms.append(self.term(depth))
        return terms[0] if len(terms) == 1 else AnyOf(tuple(terms))

    def term(self, depth: int) -> Condition:
        factors = [self.factor(depth)]
        while self.take("and"):
            factors.append(self.factor(depth))
        return factors[0] if len(factors) == 1 else AllOf(tuple(factors))

    def factor(self, depth: int) -> Condition:
        if self.take("not"):
            if depth >= MAX_DEPTH:
                raise SurveykitError("I042", place=self.place, length=MAX_LENGTH, depth=MAX_DEPTH)
            return Not(self.factor(depth + 1))
        if self.take("("):
            inner = self.condition(depth + 1)
            self.expect(")")
            return inner
        if self.take("answered"):
            self.expect("(")
            item = self.name()
            self.expect(")")
            return Answered(item)
        return self.relation()

    def relation(self) -> Condition:
        item = self.name()
        if self.take("in"):
            self.expect("(")
            values = [self.number()]
            while self.take(","):
                values.append(self.number())
            self.expect(")")
            return Membership(item, tuple(values))
        sign = self.token
        if sign not in OPERATORS:
            self.refuse()
        self._next()
        return Comparison(item, sign, self.number())

    def name(self) -> str:
        if self.kind != "name" or self.token in RESERVED:
            self.refuse()
        name = self.token
        self._next()
        return name

    def number(self) -> Number:
        if self.kind != "number":
            self.refuse()
        token = self.token
        self._next()
        return float(token) if "." in token else int(token)


def _each_once(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for one in conditions for item in one.items))


def _numbers(value: object) -> tuple[float, ...]:
    """The answer as numbers: none where unanswered or not numeric, several for a multiple choice."""
    if not is_answered(value) or isinstance(value, str):
        return ()
    several = value if isinstance(value, tuple | list | set | frozenset) else (value,)
    return tuple(float(one) for one in several if hasattr(one, "__float__"))
