"""The table of a decision letter and the words for each outcome."""

from letters.words import Pair, Table, Text
from reviews.workflow import Outcome

OUTCOMES: dict[str, Pair] = {
    Outcome.APPROVED: Pair("approved", "批准"),
    Outcome.REDUCED: Pair("approved with less", "减量批准"),
    Outcome.RESERVE: Pair("in reserve", "列为候补"),
    Outcome.DECLINED: Pair("declined", "未批准"),
}


def awards_table(rows: tuple[tuple[Text, ...], ...]) -> Table:
    return Table(
        caption=Pair("Decision for each sample", "各样品的审批结果"),
        headers=(
            Pair("Sample", "样品编号"),
            Pair("Form", "类型"),
            Pair("Asked for (mg)", "申请（mg）"),
            Pair("Decision", "结果"),
            Pair("Approved (mg)", "批准（mg）"),
        ),
        rows=rows,
        numbers=frozenset({2, 4}),
    )
