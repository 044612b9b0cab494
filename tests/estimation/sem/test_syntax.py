"""Model text: what is read, and where a refusal points."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.modifiers import Modifiers
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.syntax import parse_constraints, parse_model
from surveykit.estimation.sem.table_options import TableOptions, table_options
from surveykit.estimation.sem.terms import ParsedModel


def formulas(model: ParsedModel) -> list[str]:
    return [f"{term.lhs} {term.op} {term.rhs}".strip() for term in model.terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f =~ x1 + x2", ["f =~ x1", "f =~ x2"]),
        ("f=~x1+x2;y~f", ["f =~ x1", "f =~ x2", "y ~ f"]),
        ("a + b ~ c + d", ["a ~ c", "a ~ d", "b ~ c", "b ~ d"]),
        ("f =~ x1 +\n  x2\n  + x3", ["f =~ x1", "f =~ x2", "f =~ x3"]),
        ("f =~\n x1", ["f =~ x1"]),
        ("f\n=~ x1", ["f =~ x1"]),
        ("f =~ c(a,\n b)*x1", ["f =~ x1"]),
        ("f =~ 0.5\n * x1", ["f =~ x1"]),
        ("f =~ a*x1\n-a < 0", ["f =~ x1"]),
        ("f =~ x1 + # first\n x2 ! second", ["f =~ x1", "f =~ x2"]),
        ("# only\nf =~ x1\n\n\n;;y ~ x\r\n", ["f =~ x1", "y ~ x"]),
        ("y ~ 1 + x", ["y ~1", "y ~ x"]),
        ("y ~ 0 + x", ["y ~1", "y ~ x"]),
        ("f =~ 0", ["f =~ f"]),
        ("u | t1 + t2", ["u | t1", "u | t2"]),
        ("u ~*~ 1*u", ["u ~*~ u"]),
        ("y ~ a + a:b", ["y ~ a", "y ~ a:b"]),
        ("y ~ 0*y + x", ["y ~ y", "y ~ x"]),
        ("x2 ~~ x1\nf =~ x1 + x2\nx1 ~~ f", ["x1 ~~ x2", "f =~ x1", "f =~ x2", "f ~~ x1"]),
        ("f =~ x1 + a*x1 + x2", ["f =~ x1", "f =~ x2"]),
        ("信頼 =~ 項目_1 + 項目.2 + データ・値", ["信頼 =~ 項目_1", "信頼 =~ 項目.2", "信頼 =~ データ・値"]),
        ("신뢰 =~ 문항1 + 문항2", ["신뢰 =~ 문항1", "신뢰 =~ 문항2"]),
        ("ＡＢ　＝～　ｘ１＋ｘ２", ["ＡＢ =~ ｘ１", "ＡＢ =~ ｘ２"]),
        ("f ˜ x", ["f ~ x"]),
        ("_a ~ .b + c.d_e", ["_a ~ .b", "_a ~ c.d_e"]),
        ("y ~ e1 + x", ["y ~ e1", "y ~ x"]),
        ("\ufefff =~ x1", ["f =~ x1"]),
    ],
)
def test_formulas_are_read(text: str, expected: list[str]) -> None:
    assert formulas(parse_model(text)) == expected


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ("0.5", Modifiers(fixed=(0.5,))),
        ("-1.5e-1", Modifiers(fixed=(-0.15,))),
        ("(1/3)", Modifiers(fixed=(1 / 3,))),
        ("1/4", Modifiers(fixed=(0.25,))),
        ("-2^2", Modifiers(fixed=(-4.0,))),
        ("sqrt(4)", Modifiers(fixed=(2.0,))),
        ("fixed(1)", Modifiers(fixed=(1.0,))),
        ("pi", Modifiers(fixed=(math.pi,))),
        ("a", Modifiers(label=("a",))),
        ("c", Modifiers(label=("c",))),
        ('"a b"', Modifiers(label=("a b",))),
        ("'a'", Modifiers(label=("a",))),
        ('label("a")', Modifiers(label=("a",))),
        ("c(a, b)", Modifiers(label=("a", "b"))),
        ('c("a", "b")', Modifiers(label=("a", "b"))),
        ("label(a, b)", Modifiers(label=("a", "b"))),
        ('c(NA, "b")', Modifiers(label=("", "b"))),
        ('equal("f =~ x2")', Modifiers(label=("f=~x2",), equal=True)),
        ("start(0.5)", Modifiers(start=(0.5,))),
        ("start(c(1, 2))", Modifiers(start=(1.0, 2.0))),
        ("start(1, 2)", Modifiers(start=(1.0, 2.0))),
        ("lower(0)", Modifiers(lower=(0.0,))),
        ("upper(-Inf)", Modifiers(upper=(-math.inf,))),
        ("a*start(2)*lower(0)", Modifiers(label=("a",), start=(2.0,), lower=(0.0,))),
        ("c(1, 1/2)", Modifiers(fixed=(1.0, 0.5))),
    ],
)
def test_modifiers_are_read(modifier: str, expected: Modifiers) -> None:
    assert parse_model(f"f =~ x1 + {modifier}*x2").terms[1].modifiers == expected


@pytest.mark.parametrize(("text", "at"), [("NA*x", (0,)), ("c(NA, 1)*x", (0,)), ("c(1, NA)*x", (1,))])
def test_na_means_free(text: str, at: tuple[int, ...]) -> None:
    fixed = parse_model(f"f =~ {text}").terms[0].modifiers.fixed
    assert tuple(place for place, value in enumerate(fixed) if math.isnan(value)) == at


def test_a_question_mark_gives_a_start_value() -> None:
    assert parse_model("f =~ 0.5?x1").terms[0].modifiers == Modifiers(start=(0.5,))


def test_modifiers_of_one_term_add_up() -> None:
    model = parse_model("f =~ NA*x1 + a*x1 + start(0.3)*x1")
    (only,) = model.terms
    assert (only.modifiers.label, only.modifiers.start) == (("a",), (0.3,))
    assert math.isnan(only.modifiers.fixed[0])
    assert model.notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab := a * b", ("ab", ":=", "a*b")),
        ("a + b == 2*c", ("a+b", "==", "2*c")),
        ("a > exp(b)", ("a", ">", "exp(b)")),
        ("a ==\n b", ("a", "==", "b")),
        (".p1. == .p2.", (".p1.", "==", ".p2.")),
    ],
)
def test_constraints_are_read(text: str, expected: tuple[str, str, str]) -> None:
    (relation,) = parse_constraints(text)
    assert (relation.lhs, relation.op, relation.rhs) == expected


def test_a_limit_on_a_label_becomes_a_bound() -> None:
    model = parse_model("f =~ x1 + a*x2 + b*x3\na > 0\na > 1/2\nb < 2\n0 < a")
    assert model.terms[1].modifiers.lower == (0.5,)
    assert model.terms[2].modifiers.upper == (2.0,)
    assert [(one.lhs, one.op, one.rhs) for one in model.relations] == [("0", "<", "a")]


def test_blocks_of_groups() -> None:
    model = parse_model('group: 1\nf =~ x1\nGroup: "South Korea"\nf =~ x2\ngroup: 1\nf =~ x3')
    assert model.blocks == ("1", "South Korea")
    assert [term.block for term in model.terms] == [0, 1, 0]


REFUSALS = [
    ("f =~ x1 + @", "M001", 1, 11),
    ("f =~ x1\ny ~ x & z", "M001", 2, 7),
    ('f =~ "a*x1', "M002", 1, 6),
    ("", "M003", None, None),
    ("  # nothing\n;", "M003", None, None),
    ("x1 x2", "M004", 1, 1),
    ("f =~ x1\nx2", "M004", 2, 1),
    ("u ~*~ v", "M004", 1, 3),
    ("f =~ x1 + x2\nf | t1", "M004", 2, 5),
    ("f =~ x1 + + x2 =~", "M005", 1, 11),
    ("f =~ x1 +", "M005", 1, 9),
    ("f =~", "M005", 1, 3),
    ("=~ x1", "M005", 1, 1),
    ("f =~ + x1", "M005", 1, 6),
    ("f =~ NA", "M005", 1, 6),
    ("f =~ a*", "M005", 1, 7),
    ("a*f =~ x", "M005", 1, 1),
    ("f =~ x1:", "M005", 1, 8),
    ("1 := a", "M005", 1, 1),
    ("a ==", "M005", 1, 3),
    ("f =~ (x1)", "M005", 1, 9),
    ("f =~ x1 +\ny ~ x", "M006", 2, 3),
    ("a == b == c", "M006", 1, 8),
    ("f = x1", "M007", 1, 3),
    ("a <= 2", "M007", 1, 4),
    ("f =~ (x1", "M008", 1, 6),
    ("f =~ x1)", "M008", 1, 8),
    ("f =~ *x1", "M009", 1, 6),
    ("f =~ c(a, 1)*x1", "M009", 1, 6),
    ("f =~ start(a)*x1", "M009", 1, 6),
    ("f =~ c()*x1", "M009", 1, 6),
    ("f =~ 2*a/3*x1", "M009", 1, 8),
    ("f =~ log(-1)*x1", "M009", 1, 6),
    ("f =~ TRUE*x1", "M009", 1, 6),
    ("f <~ x1 + x2", "M011", 1, 3),
    ("level: 1\nf =~ x1", "M011", 1, 1),
    ('efa("block")*f1 =~ x1', "M011", 1, 1),
    ('f =~ rv("s")*x1', "M011", 1, 6),
    ("a :~ x", "M011", 1, 3),
    ("group: \nf =~ x1", "M012", 1, 1),
    ("f =~ x1\ngroup: 1\nf =~ x2", "M012", 2, 1),
    ("grupo: 1\nf =~ x1", "M012", 1, 1),
    ("y ~ 5", "M013", 1, 5),
    ("y ~~ 1", "M013", 1, 6),
    ("y ~ x + y", "M014", 1, 9),
    ("f =~ f", "M014", 1, 6),
    ("a == b +", "M015", 1, 9),
    ("a == (b", "M008", 1, 6),
    ("a == b c", "M015", 1, 8),
    ("a := exp(b, c)", "M015", 1, 6),
    ("a := 3..2", "M015", 1, 8),
    ("a := foo(b)", "M016", 1, 6),
    ("u | 2", "M013", 1, 5),
    ("u | s1", "M022", 1, 5),
    ("u | t0", "M022", 1, 5),
    ("y ~ a:b:c", "M034", 1, 6),
    ("f =~ x1 + x2\ny ~ f:x1", "M034", 2, 5),
    ("a == " + "(" * 100 + "b" + ")" * 100, "M036", None, None),
    ("a == " + "-" * 100 + "b", "M036", None, None),
    ("f =~ x1 x2", "M039", 1, 9),
    ("f =~ 2x", "M039", 1, 7),
    ("y ~ x - 1", "M039", 1, 9),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSALS)
def test_a_refusal_points_at_the_character(
    text: str, code: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_model(text)
    assert refusal.value.code == code
    if line is None:
        assert refusal.value.place is None
        return
    place = refusal.value.place
    assert place is not None
    assert (place.line, place.column) == (line, column)
    for lang in ("en", "ja", "ko"):
        shown, caret = refusal.value.text(lang).splitlines()[1:3]
        assert shown == "    " + text.split("\n")[line - 1].rstrip("\r")
        assert caret == " " * (3 + (column or 0)) + "^"


def test_the_caret_stands_under_wide_characters() -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_model("信頼 =~ 項目1 項目2")
    assert refusal.value.fields["pointer"] == "    信頼 =~ 項目1 項目2\n    \u3000\u3000    \u3000\u3000  ^"


def test_constraints_hold_no_other_formulas() -> None:
    with pytest.raises(SurveykitError, match="M004"):
        parse_constraints("a == b\nf =~ x1")


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="fxab1 .=~<>:|*+-/^(),?\"'#!;\n%0NAct信", max_size=60))
@example("f=~" + "c(" * 50)
@example("a:=" + "1^" * 200)
@example("a == " + "b+" * 5000 + "b")
@example("u | t" + "9" * 5000)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        model = parse_model(text)
        build_table(model, table_options("sem", model))
    except SurveykitError as refusal:
        assert str(refusal).startswith("[M0")  # noqa: PT017


# --- a table printed as text is the same table -----------------------------------------------------

NAMES = st.sampled_from(["x1", "x2", "x3", "項目", "z.a", "y_1"])
VALUES = st.sampled_from(["", "0.5*", "NA*", "a*", "b*", "start(0.3)*", "a*lower(-1)*", "2*"])


@st.composite
def models(draw: st.DrawFn) -> str:
    lines = []
    for factor in ("f", "g"):
        indicators = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
        lines.append(f"{factor} =~ " + " + ".join(draw(VALUES) + name for name in indicators))
    for op in draw(st.lists(st.sampled_from(["~", "~~", "~1"]), max_size=4)):
        left, right = draw(NAMES), draw(st.sampled_from(["f", "g", "x1", "w"]))
        if op == "~1":
            lines.append(f"{left} ~ {draw(VALUES)}1")
        elif left != right or op == "~~":
            lines.append(f"{left} {op} {draw(VALUES)}{right}")
    return "\n".join(lines)


def printed(table: ParameterTable) -> str:
    """Every parameter row as a formula that says all about it."""
    lines = []
    for at, op in enumerate(table.op):
        if op == "==":
            continue
        value, free = float(table.ustart[at]), table.free[at] > 0
        fixed = "NA*" if free else f"{value!r}*"
        start = f"start({value!r})*" if free and not math.isnan(value) else ""
        label = f'"{table.label[at]}"*' if table.label[at] else ""
        lower = f"lower({float(table.lower[at])!r})*" if math.isfinite(table.lower[at]) else ""
        term = "1" if op == "~1" else table.rhs[at]
        lines.append(f"{table.lhs[at]} {op.rstrip('1')} {fixed}{start}{lower}{label}{term}")
    return "\n".join(lines)


@settings(deadline=None, max_examples=100)
@given(models())
def test_a_printed_table_is_read_back(text: str) -> None:
    model = parse_model(text)
    options = table_options("sem", model, fixed_x=False)
    table = build_table(model, options)
    bare = TableOptions(
        auto_fix_first=False, auto_fix_single=False, auto_cov_lv_x=False, auto_cov_y=False, fixed_x=False,
        meanstructure=options.meanstructure,
    )  # fmt: skip
    again = build_table(printed(table), bare)
    for name in ("lhs", "op", "rhs", "label"):
        assert getattr(again, name) == getattr(table, name)
    assert again.free.tolist() == table.free.tolist()
    assert again.ustart.tolist() == pytest.approx(table.ustart.tolist(), nan_ok=True)
    assert again.lower.tolist() == table.lower.tolist()
