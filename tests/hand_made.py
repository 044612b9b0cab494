"""A small instrument with every kind of item, made by hand, and an interview guide."""

from __future__ import annotations

import dataclasses

from surveykit.instrument.content_hash import content_hash
from surveykit.instrument.model import Instrument, Item, ResponseScale, Scale, Section, Source, Text


def texts(english: str, japanese: str | None = None, korean: str | None = None) -> Text:
    return {"en": english, "ja": japanese or f"「{english}」", "ko": korean or f"‘{english}’"}


AGREE = ResponseScale(
    "agree5",
    {
        1: texts("Strongly disagree", "全くそう思わない", "전혀 그렇지 않다"),
        2: texts("Disagree", "そう思わない", "그렇지 않다"),
        3: texts("Neither", "どちらともいえない", "보통이다"),
        4: texts("Agree", "そう思う", "그렇다"),
        5: texts("Strongly agree", "非常にそう思う", "매우 그렇다"),
    },
    {99: texts("Do not know", "わからない", "모르겠다")},
)
# Labels that begin with numbers, and one that is the number of another answer.
OFTEN = ResponseScale(
    "often4",
    {
        1: texts("Never", "なし", "없음"),
        2: texts("1-2 times", "1～2回", "1~2회"),
        3: texts("3-4 times", "3～4回", "3~4회"),
        4: texts("2", "2", "2"),
    },
)
ROLE = ResponseScale(
    "role3",
    {
        1: texts("Executive", "役員", "임원"),
        2: texts("Manager", "管理職", "관리자"),
        3: texts("Other", "その他", "기타"),
    },
)
CHANNEL = ResponseScale(
    "channel",
    {
        1: texts("Visits", "訪問", "방문"),
        2: texts("E-mail", "電子メール", "이메일"),
        10: texts("Fairs", "展示会", "박람회"),
    },
    {-9: texts("No answer", "無回答", "무응답")},
)


def item(item_id: str, kind: str = "likert", scale: str | None = None, **more: object) -> Item:
    scale = "agree5" if kind == "likert" and scale is None else scale
    words = more.pop(
        "text", texts(f"Question {item_id}?", f"質問 {item_id} ですか。", f"질문 {item_id}입니까?")
    )
    return Item(id=item_id, type=kind, text=words, response_scale=scale, **more)  # type: ignore[arg-type]


def instrument(*items: Item, name: str = "sample", version: str = "1.0.0", **more: object) -> Instrument:
    """An instrument of one section with these items; its hash is the real one."""
    made = Instrument(
        instrument=name,
        version=version,
        languages=("en", "ja", "ko"),
        title=texts("A sample", "見本調査", "견본 조사"),
        source=Source("original", "Nobody (2026)", texts("None.", "なし。", "없음.")),
        sections=(Section("main", texts("Main part", "本編", "본편"), items),),
        response_scales={one.id: one for one in (AGREE, OFTEN, ROLE, CHANNEL)},
        scales={},
        content_hash="",
        instructions=texts(
            "Think of one partner.", "一社を思い浮かべてください。", "한 회사를 떠올려 주십시오."
        ),
        consent=texts(
            "Voluntary.\nConfidential.", "任意です。\n秘密は守ります。", "자발적입니다.\n비밀을 지킵니다."
        ),
    )
    made = dataclasses.replace(made, **more)  # type: ignore[arg-type]
    return dataclasses.replace(made, content_hash=content_hash(made))


def sample(**more: object) -> Instrument:
    """Every kind of item."""
    return instrument(
        item("trust_1", required=True),
        item("trust_2", reverse=True),
        item("trust_3"),
        item("often", scale="often4"),
        item("role", "single", "role3"),
        item("reports", "likert", show_if="role == 2 or role == 3"),
        item("channels", "multiple", "channel"),
        item("staff", "number", minimum=1, maximum=5000, unit=texts("people", "人", "명")),
        item("founded", "date"),
        item("city", "text", max_length=20),
        item("story", "open"),
        **{
            "scales": {
                "trust": Scale("trust", texts("Trust", "信頼", "신뢰"), ("trust_1", "trust_2", "trust_3"))
            },
            **more,
        },
    )


ANSWERS = {
    "trust_1": 4,
    "trust_2": 2,
    "trust_3": 5,
    "often": 3,
    "role": 2,
    "reports": 1,
    "channels": "1;10",
    "staff": 120,
    "founded": "1987-04-01",
    "city": "=東京+1",
    "story": "一行目\n두 번째 줄 & <third> “line”",
}


def guide() -> Instrument:
    """An interview guide."""
    probes = (texts("How long?", "どのくらいの期間ですか。", "얼마나 오래입니까?"), texts("With whom?"))
    return instrument(
        item("q01", "open", probes=probes, proposition=("P1",)),
        item("q02", "open"),
        name="guide",
        propositions={"P1": texts("It helps.")},
    )
