"""Letters for tests."""

import subprocess
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

from django.conf import settings

from accounts.models import User
from letters.actions import write_letter
from letters.keys import OfficeKey, read_key
from letters.models import Letter, TextVersion
from letters.post import print_letter
from letters.texts import Kind
from letters.words import Pair, Table, Words

_numbers = count(1)


def make_words(**fields: object) -> Words:
    """The words of a short decision letter; `fields` replace single parts."""
    return Words(
        **{
            "kind": Pair("Decision", "决定书"),
            "title": Pair("Decision on your application", "关于月球样品借用申请的审批结果"),
            "institution": Pair("Example University", "示例大学"),
            "addressee": ("Zoë Łukasz", Pair("Example University", "示例大学"), Pair("France", "法国")),
            "paragraphs": (Pair("Your application has been approved.", "贵单位的申请已获批准。"),),
            "facts": ((Pair("Application", "申请编号"), "LSA-2026-00001"),),
            "table": Table(
                caption=Pair("Samples", "样品"),
                headers=(Pair("Sample", "样品编号"), Pair("Form", "类型"), Pair("Approved (mg)", "批准质量（mg）"), Pair("Outcome", "结果")),
                rows=(("CE5C0600", Pair("powder", "粉末"), "12.4", Pair("approved", "批准")),),
                numbers=frozenset({2}),
            ),
            "closing": (Pair("Lunar Sample Provided by CNSA", "月球样品由国家航天局提供"),),
            **fields,
        }  # type: ignore[arg-type]
    )


def make_letter(
    *readers: User,
    key: str = "",
    kind: str = "DECISION",
    reference: str = "LSA-2026-00001",
    words: Words | None = None,
    held: bool = False,
    visible_at: datetime | None = None,
    by: User | None = None,
) -> Letter:
    """A letter waiting to be printed; `held` keeps it back."""
    return write_letter(
        key=key or f"test:{next(_numbers)}",
        kind=kind,
        reference=reference,
        words=words or make_words(),
        readers=readers,
        by=by,
        held=held,
        visible_at=visible_at,
    )


def printed(letter: Letter) -> Letter:
    """The letter after a worker had its turn."""
    print_letter(letter.pk)
    letter.refresh_from_db()
    return letter


def another_key(folder: Path) -> OfficeKey:
    """A key that is not the one that signs the letters of the tests."""
    subprocess.run([sys.executable, settings.BASE_DIR / "script" / "demonstration_key", folder], check=True)
    key = read_key(str(folder / "demonstration-signing-key.pem"), str(folder / "demonstration-signing-certificate.pem"))
    assert key
    return key


def new_words(kind: Kind, number: int = 1, **fields: str) -> TextVersion:
    """A version of a kind's texts: those that come with the portal, but for what is named."""
    return TextVersion.objects.create(kind=kind.word, number=number, **{**kind.default.fields(), **fields})


def every_gap(kind: Kind) -> dict[str, str]:
    """A wording in which each placeholder of the kind stands once."""
    tokens = "; ".join(f"{placeholder.name} = {placeholder.token}" for placeholder in kind.placeholders)
    return {**kind.default.fields(), "opening_en": tokens, "opening_zh": tokens}
