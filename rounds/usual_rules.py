"""The rules that a new round begins with. In force are only those with an article or a published notice behind them.

The Measures know no cap on mass or number (domain: "What the Measures do not contain"). All other rows are examples that are off until
an administrator switches them on, and then they are rules of that round, never law.
"""

from typing import TypedDict

from rounds.rules import Basis, RuleKind, Severity

# Notice of 5 November 2024: "polished sections and clasts cannot be divided and are lent whole, to one borrower".
NOTICE = "https://www.kt.kz/eng/world/china_opens_applications_for_lunar_samples_from_chang_e-6_1377971378.html"


class RuleDraft(TypedDict):
    code: str
    kind: str
    severity: str
    limit_ppm: int | None
    limit_ug: int | None
    basis: str
    article: str
    source: str
    text_en: str
    text_zh: str
    is_on: bool


def _of_round(
    code: str, kind: RuleKind, severity: Severity, text_en: str, text_zh: str, *, ppm: int | None = None, ug: int | None = None
) -> RuleDraft:
    """An example, off."""
    return RuleDraft(
        code=code,
        kind=kind.value,
        severity=severity.value,
        limit_ppm=ppm,
        limit_ug=ug,
        basis=Basis.ROUND.value,
        article="",
        source="",
        text_en=text_en,
        text_zh=text_zh,
        is_on=False,
    )


STANDING: tuple[RuleDraft, ...] = (
    RuleDraft(
        code="whole-pieces",
        kind=RuleKind.WHOLE_PIECES.value,
        severity=Severity.REFUSED.value,
        limit_ppm=None,
        limit_ug=None,
        basis=Basis.NOTICE.value,
        article="",
        source=NOTICE,
        text_en="Clasts and polished sections are not divided: each is lent whole, to one borrower.",
        text_zh="岩屑和光片不作分割，每件整体借用，且只借给一个借用单位。",
        is_on=True,
    ),
    RuleDraft(
        code="sparing-use",
        kind=RuleKind.USED_UP_MASS.value,
        severity=Severity.ADVICE.value,
        limit_ppm=None,
        limit_ug=0,
        basis=Basis.MEASURES.value,
        article="18",
        source="",
        text_en="Samples are used sparingly; destructive tests are as few as possible and argued in detail in the research plan.",
        text_zh="节约使用样品，尽量减少破坏性实验，并在研究方案中详细论证。",
        is_on=True,
    ),
)
EXAMPLES: tuple[RuleDraft, ...] = (
    _of_round(
        "keep-back-share",
        RuleKind.KEEP_BACK_SHARE,
        Severity.REFUSED,
        "Of each powder at least {limit} of all that was taken in is kept back and not lent in this round.",
        "每份粉末样品至少保留入库总量的{limit}，本批次不予借出。",
        ppm=200_000,
    ),
    _of_round(
        "keep-back-mass",
        RuleKind.KEEP_BACK_MASS,
        Severity.REFUSED,
        "Of each powder at least {limit} is kept back and not lent in this round.",
        "每份粉末样品至少保留{limit}，本批次不予借出。",
        ug=50_000,
    ),
    _of_round(
        "share-panel",
        RuleKind.SHARE_OF_LEFT,
        Severity.PANEL,
        "A request for more than {limit} of what is left of a powder is weighed by the panel.",
        "申请量超过粉末样品剩余量{limit}的，须经专家委员会专门审议。",
        ppm=300_000,
    ),
    _of_round(
        "share-most",
        RuleKind.SHARE_OF_LEFT,
        Severity.REFUSED,
        "No single request gets more than {limit} of what is left of a powder.",
        "单项申请获批量不超过粉末样品剩余量的{limit}。",
        ppm=600_000,
    ),
    _of_round(
        "person-most",
        RuleKind.PERSON_MASS,
        Severity.REFUSED,
        "One person gets at most {limit} in this round.",
        "本批次每位申请人获批总量不超过{limit}。",
        ug=2_000_000,
    ),
    _of_round(
        "institution-most",
        RuleKind.INSTITUTION_MASS,
        Severity.REFUSED,
        "One institution gets at most {limit} in this round.",
        "本批次每个单位获批总量不超过{limit}。",
        ug=5_000_000,
    ),
    _of_round(
        "used-up-share",
        RuleKind.USED_UP_SHARE,
        Severity.PANEL,
        "A request of which more than {limit} would be used up is weighed by the panel.",
        "预计消耗超过申请量{limit}的，须经专家委员会专门审议。",
        ppm=500_000,
    ),
    _of_round(
        "used-up-mass",
        RuleKind.USED_UP_MASS,
        Severity.PANEL,
        "A request that would use up more than {limit} of a sample is weighed by the panel.",
        "预计消耗某一样品超过{limit}的，须经专家委员会专门审议。",
        ug=50_000,
    ),
)


def usual_rules() -> list[RuleDraft]:
    return [RuleDraft(**draft) for draft in (*STANDING, *EXAMPLES)]
