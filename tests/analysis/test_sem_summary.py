"""The summary: a lavaan user finds every number where it was."""

from __future__ import annotations

import pytest

import surveykit as sk
from reference_data import dataset

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
DATA = dataset("hs1939")

# Lines that R prints (lavaan 0.7-2), number for number.
PLAIN = """
  Estimator                                         ML
  Number of model parameters                        21
  Number of observations                           301
  Test statistic                                85.306
  Degrees of freedom                                24
  P-value (Chi-square)                           0.000
  Comparative Fit Index (CFI)                    0.931
  Tucker-Lewis Index (TLI)                       0.896
  Loglikelihood user model (H0)              -3737.745
  Loglikelihood unrestricted model (H1)      -3695.092
  Akaike (AIC)                                7517.490
  Bayesian (BIC)                              7595.339
  Sample-size adjusted Bayesian (SABIC)       7528.739
  RMSEA                                          0.092
  90 Percent confidence interval - lower         0.071
  90 Percent confidence interval - upper         0.114
  P-value H_0: RMSEA <= 0.050                    0.001
  P-value H_0: RMSEA >= 0.080                    0.840
  SRMR                                           0.065
  Standard errors                             Standard
  Information                                 Expected
  Information saturated (h1) model          Structured
                   Estimate  Std.Err  z-value  P(>|z|)   Std.lv  Std.all
  visual =~
    x1                1.000                               0.900    0.772
    x2                0.554    0.100    5.554    0.000    0.498    0.424
  visual ~~
    textual           0.408    0.074    5.552    0.000    0.459    0.459
   .x1                0.549    0.114    4.833    0.000    0.549    0.404
    visual            0.809    0.145    5.564    0.000    1.000    1.000
"""
GROUPS = """
  Number of equality constraints                     5
    Pasteur                                        156
    Grant-White                                    145
  Test statistic for each group:
    Pasteur                                     44.768
    Grant-White                                 14.594
Group 1 [Pasteur]:
    x2        (l2)    0.641    0.106    6.034    0.000    0.549    0.442
    x3      (.p3.)    0.836    0.119    7.050    0.000    0.716    0.608
    visual     (b)    0.608    0.098    6.202    0.000    0.527    0.527
    sex               0.208    0.153    1.359    0.174    0.211    0.105
   .x1                4.941    0.092   53.484    0.000    4.941    4.282
   .textual           0.693    0.119    5.833    0.000    0.711    0.711
Group 2 [Grant-White]:
Defined Parameters:
    ind               0.390    0.105    3.726    0.000    0.289    0.233
"""
ROBUST = """
                                              Standard      Scaled
  Test statistic                                85.306      87.132
  P-value (Chi-square)                           0.000       0.000
  Scaling correction factor                                  0.979
    Yuan-Bentler correction (Mplus variant)
  Test statistic                               918.852     880.082
  Scaling correction factor                                  1.044
  Comparative Fit Index (CFI)                    0.931       0.925
  Robust Comparative Fit Index (CFI)                         0.930
  Loglikelihood user model (H0)              -3737.745   -3737.745
  Scaling correction factor                                  1.133
      for the MLR correction
  Loglikelihood unrestricted model (H1)      -3695.092   -3695.092
  Scaling correction factor                                  1.051
      for the MLR correction
  Akaike (AIC)                                7517.490    7517.490
  Robust RMSEA                                               0.092
  P-value H_0: Robust RMSEA <= 0.050                         0.001
  SRMR                                           0.065       0.065
  Robust GFI                                                 0.959
  Standard errors                             Sandwich
  Information bread                           Observed
  Observed information based on                Hessian
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def in_order(wanted: str, text: str) -> list[str]:
    """Wanted lines that do not stand in the text in this order."""
    left, missing = lines(text), []
    for line in lines(wanted):
        if line in left:
            left = left[left.index(line) + 1 :]
        else:
            missing.append(line)
    return missing


def test_one_group() -> None:
    assert in_order(PLAIN, sk.cfa(HS, DATA).summary()) == []


def test_several_groups_with_equal_loadings() -> None:
    model = "visual =~ x1 + l2*x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ b*visual + sex\nind := b*l2"
    text = sk.sem(model, DATA, group="school", group_equal="loadings").summary()
    assert in_order(GROUPS, text) == []
    # Moments of fixed x and intercepts that are zero by default are not printed, as in lavaan.
    assert not [line for line in lines(text) if line.split()[:2] in (["sex", "1.526"], ["visual", "0.000"])]


def test_robust_tests() -> None:
    assert in_order(ROBUST, sk.cfa(HS, DATA, estimator="MLR").summary()) == []


def test_ordered_items_show_thresholds_and_scales() -> None:
    data = dataset("datcat")
    model = "f =~ u1 + u2 + u3 + u4"
    text = sk.cfa(model, data, ordered=True, group="g", group_equal=["loadings", "thresholds"]).summary()
    assert "Parameterization                               Delta" in text
    assert "simple second-order correction" in text
    assert "Thresholds:" in text
    assert "    u1|t1 " in text
    assert "Scales y*:" in text
    first, second = text.split("Group 2")
    assert "Scales y*:" not in first.partition("Group 1")[2]  # all fixed at 1
    assert "Scales y*:" in second


def test_what_is_not_wanted_is_left_out() -> None:
    fit = sk.cfa(HS, DATA)
    text = fit.summary(fit_measures=False, standardized=False)
    assert "RMSEA" not in text
    assert "Std.all" not in text
    longer = fit.summary(rsquare=True, ci=True)
    assert in_order("R-Square:\n                   Estimate\n    x1                0.596", longer) == []
    assert "ci.lower ci.upper" in longer


def test_constraints_show_how_far_they_are_from_binding() -> None:
    model = "f =~ x1 + a*x2 + b*x3 + c*x4\na < 2*b\nc == 0.3"
    text = sk.cfa(model, DATA).summary()
    assert in_order("Constraints:\n    c - (0.3)                                   0.000", text)[1:] == []
    assert "    2*b - (a)" in text
    labels_only = sk.cfa("f =~ x1 + a*x2 + a*x3 + x4", DATA).summary()
    assert "Constraints:" not in labels_only


def test_the_head_counts_what_restrains_the_model() -> None:
    model = "f =~ x1 + a*x2 + b*x3 + c*x4\na == b\na + b < 9\nc > 0"
    text = sk.cfa(model, DATA.assign(team=DATA.index % 43), cluster="team").summary()
    wanted = """
  Number of equality constraints                     1
  Number of inequality constraints                   1
  Number of bounded parameters                       1
  Number of clusters                                43
  Standard errors                       Robust.cluster
"""
    assert in_order(wanted, text) == []


def test_a_bootstrap_says_how_many_samples_it_has() -> None:
    text = sk.cfa("f =~ x1 + x2 + x3", DATA, bootstrap=20, seed=1).summary()
    assert "  Standard errors                            Bootstrap" in text
    assert "  Number of requested bootstrap draws               20" in text
    assert "  Number of successful bootstrap draws" in text


@pytest.mark.parametrize("options", [{}, {"estimator": "MLM"}, {"group": "school"}, {"meanstructure": True}])
def test_notes_stand_at_the_end(options: dict[str, object]) -> None:
    text = sk.cfa("f =~ x3 + x4 + x5", DATA, **options).summary()  # type: ignore[arg-type]
    assert "[M107]" in text.partition("Notes:")[2]
