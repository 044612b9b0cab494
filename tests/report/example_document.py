"""A report made of made-up results, for tests; to look at it, run this file with a folder's name."""

from __future__ import annotations

import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from surveykit.analysis.gate import COMPARABLE, LatentDifference, Level, OutcomeGate
from surveykit.analysis.group_comparison import compare_groups
from surveykit.analysis.reliability import AlphaResult, cronbach_alpha
from surveykit.analysis.sem import sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import note
from surveykit.report.blocks import blocks
from surveykit.report.comparison_tables import comparison_blocks
from surveykit.report.document import Block, Document, Facts, Paragraph, Section
from surveykit.report.html import write_html
from surveykit.report.model_blocks import model_blocks
from surveykit.report.names import Names
from surveykit.report.reliability_tables import item_table, reliability_table

SCALES = {
    "trust": {"en": "Trust", "ja": "信頼", "ko": "신뢰"},
    "mutuality": {"en": "Mutuality", "ja": "相互性", "ko": "상호성"},
    "performance": {"en": "Performance", "ja": "成果", "ko": "성과"},
}
GROUPS = {
    "JP": {"en": "Japan", "ja": "日本", "ko": "일본"},
    "KR": {"en": "Korea", "ja": "韓国", "ko": "한국"},
}
WORDS = {
    "en": (
        "Partnership in Japan and Korea",
        "An example with made-up answers",
        "Reliability",
        "Comparison",
        "Model",
        "Provenance",
    ),
    "ja": (
        "日本と韓国における協力関係",
        "生成した回答による例",
        "信頼性",
        "国の比較",
        "モデル",
        "データの来歴",
    ),
    "ko": ("일본과 한국의 파트너십", "생성한 응답으로 만든 예", "신뢰도", "국가 비교", "모형", "자료의 출처"),
}
PATHS = "mutuality ~ trust\nperformance ~ mutuality + trust"
LABELLED = "mutuality ~ a*trust\nperformance ~ b*mutuality + trust\nindirect := a*b"
WORDING = {
    "en": "Our partner keeps the promises that it makes to our firm.",
    "ja": "このパートナー企業は、当社との約束を守ります。",
    "ko": "이 협력사는 우리 회사와 한 약속을 지킨다.",
}


@cache
def answers(seed: int = 1, n: int = 120) -> pd.DataFrame:
    """Seven-point answers of two countries on three scales of four items."""
    rng = np.random.default_rng(seed)
    frames = []
    for country, shift in (("JP", 0.0), ("KR", 0.4)):
        factor = rng.normal(size=(n, 3)) @ np.linalg.cholesky([[1, 0.5, 0.4], [0.5, 1, 0.5], [0.4, 0.5, 1]]).T
        columns = {
            f"{scale}_{item}": np.clip(np.round(4.2 + shift + factor[:, place] + rng.normal(0, 0.9, n)), 1, 7)
            for place, scale in enumerate(SCALES)
            for item in range(1, 5)
        }
        frames.append(pd.DataFrame({"country": country, **columns}))
    return pd.concat(frames, ignore_index=True)


def alphas(data: pd.DataFrame) -> dict[tuple[str, str], AlphaResult]:
    """Alpha of every scale in each country."""
    return {
        (scale, country): cronbach_alpha(rows[[f"{scale}_{item}" for item in range(1, 5)]])
        for scale in SCALES
        for country, rows in data.groupby("country")
    }


def scores(data: pd.DataFrame) -> pd.DataFrame:
    """Scale means."""
    means = {scale: data[[f"{scale}_{item}" for item in range(1, 5)]].mean(axis=1) for scale in SCALES}
    return pd.DataFrame({"country": data["country"], **means})


def verdict(
    outcome: str,
    level: Level,
    latent: LatentDifference | None = None,
    *,
    failed: float | None = None,
    freed: tuple[str, ...] = (),
    overridden: bool = False,
) -> OutcomeGate:
    """A verdict as `gate` gives it."""
    stands = level in COMPARABLE
    code = "" if level in ("scalar", "strict") else "V025" if overridden else "V022" if latent else "V024"
    code = "V023" if level == "partial_scalar" else code
    reason = note(code, outcome=outcome, level=level, freed=", ".join(freed)) if code else None
    changes = {} if failed is None else {"delta_cfi": failed}
    return OutcomeGate(outcome, level, stands or overridden, overridden, reason, changes, freed, latent)


def gates() -> dict[str, OutcomeGate]:
    """One scale that may be compared, one that may not, one that is shown all the same."""
    return {
        "trust": verdict("trust", "scalar"),
        "mutuality": verdict(
            "mutuality",
            "metric",
            LatentDifference(-0.31, 0.12, 0.009, -0.55, -0.08, -0.29),
            failed=-0.031,
            freed=("mutuality_2~1",),
        ),
        "performance": verdict("performance", "configural", overridden=True),
    }


def model(paths: str) -> str:
    """Trust -> mutuality -> performance."""
    factors = [f"{scale} =~ " + " + ".join(f"{scale}_{item}" for item in range(1, 5)) for scale in SCALES]
    return "\n".join([*factors, paths])


def fit(data: pd.DataFrame, *, by_country: bool = True) -> SemFit:
    """The model in both countries, or in all respondents together with its indirect effect defined."""
    paths, group = (PATHS, "country") if by_country else (LABELLED, None)
    return sem(model(paths), data, group=group, estimator="MLR")


def example_names(lang: str) -> Names:
    items = {f"{scale}_{item}": WORDING[lang] for scale in SCALES for item in range(1, 5)}
    return Names(
        lang=lang,
        variables={**items, **{scale: words[lang] for scale, words in SCALES.items()}},
        groups={group: words[lang] for group, words in GROUPS.items()},
        answers={key: {code: str(code) for code in range(1, 8)} for key in items},
    )


@cache
def example_document(lang: str = "en", *, simulated: bool = True) -> Document:
    names = example_names(lang)
    data = answers()
    title, subtitle, *headings = WORDS[lang]
    results = alphas(data)
    reliability: list[Block] = [
        Paragraph(WORDING[lang]),
        reliability_table(results, names),
        item_table("trust", {group: results["trust", group] for group in GROUPS}, names, id="items-trust"),
        Paragraph(WORDING[lang], kind="warning"),
        *blocks(results["trust", "JP"], names, id="one"),
    ]
    comparison = compare_groups(scores(data), list(SCALES), "country", smallest_effect=0.3)
    models = model_blocks(fit(data), names, id="countries", syntax=model(PATHS))
    return Document(
        title=title,
        subtitle=subtitle,
        lang=lang,
        simulated=simulated,
        sections=(
            Section("reliability", headings[0], tuple(reliability)),
            Section("comparison", headings[1], tuple(comparison_blocks(comparison, names, gates()))),
            Section("ungated", headings[1], tuple(blocks(comparison, names, id="ungated"))),
            Section("model", headings[2], tuple(models)),
            Section("pooled", headings[2], tuple(blocks(fit(data, by_country=False), names, id="pooled"))),
            Section(
                "provenance",
                headings[3],
                (
                    Facts("surveykit", {"seed": "1", "numpy": np.__version__}),
                    Paragraph(WORDING[lang], "quote"),
                ),
            ),
        ),
        other_languages={other: f"report.{other}.html" for other in WORDS if other != lang},
    )


if __name__ == "__main__":
    warnings.simplefilter("error")
    for language in WORDS:
        print(write_html(example_document(language), Path(sys.argv[1]) / f"report.{language}.html"))
