"""The words of a letter about a loan that is written again."""

from letters.again import writes_again
from letters.models import Letter
from letters.words import Words
from loans import words
from loans import workflow as steps
from loans.models import Agreement
from loans.texts import CERTIFICATE, LAPSED


@writes_again(CERTIFICATE.word, LAPSED.word)
def about_loan(letter: Letter) -> Words | None:
    rows = Agreement.objects.for_page().filter(decision__application__reference=letter.reference)
    agreement = next((row for row in rows if letter.purpose in (row.certificate_key, row.lapse_key)), None)
    if agreement is None:
        return None
    if letter.purpose == agreement.certificate_key:
        return words.certificate(agreement)
    lapse = agreement.history.filter(move=steps.LAPSE.name).order_by("-sequence").first()
    return words.lapsed(agreement, note=lapse.note if lapse else "")
