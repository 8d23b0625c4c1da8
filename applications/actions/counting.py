"""How much is asked for: counted once an hour, in half steps of what is left, and so that nobody's mass can be worked out."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from applications.models.demand import Asked, Demand, asked_by_sample
from rounds.models import Round
from samples.models import Sample

ENOUGH = 3  # institutions, and applicants: of fewer nothing is said, or a sole competitor would be betrayed
MOST = 7  # half steps: more than three times what is left is not told apart


def count_demand(round: Round) -> Demand | None:
    """The figures of this hour, counted now if nobody has looked at them in it yet; None outside the round's time."""
    if not round.is_open():
        return None
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    found: Demand | None = Demand.objects.of_hour(round, hour).first()
    return found or _count(Demand(round=round, hour=hour))


@transaction.atomic
def _count(demand: Demand) -> Demand:
    """Of two that count at once the first one's figures stand."""
    rows = [row for row in asked_by_sample(demand.round) if min(row.institutions, row.applicants) >= ENOUGH]
    samples = Sample.objects.in_bulk([row.sample for row in rows])
    for row in rows:
        sample = samples[row.sample]
        if sample.left_ug:
            demand.half_steps[sample.number] = half_steps(row.mass_ug, sample.left_ug, _offset(demand.round, row, sample.left_ug))
    try:
        with transaction.atomic():
            demand.save(force_insert=True)
    except IntegrityError:
        found: Demand = Demand.objects.of_hour(demand.round, demand.hour).get()
        return found
    Demand.objects.before(demand.round, demand.hour).delete()
    return demand


def half_steps(asked_ug: int, left_ug: int, offset: int) -> int:
    """How many halves of what is left are asked for; `offset` (from 0 up to, not including, what is left) moves where one begins."""
    return min((2 * asked_ug + offset) // left_ug, MOST)


def _offset(round: Round, row: Asked, left_ug: int) -> int:
    """Where the half steps of one sample begin: a secret of this set of applications.

    With fixed steps an applicant could submit one mass after another, see when the figure moves, and so find the sum of all others to a
    tenth of a milligram. The secret moves the steps by up to one of them, stays while the same applications stand, so that trying again
    does not average it away, and is another one when one comes or goes, so that what changes then does not show what that one asked for.
    """
    digest = salted_hmac("applications.demand", f"{round.pk}:{row.sample}:{row.applications}:{row.keys}", algorithm="sha256").digest()
    return int.from_bytes(digest) % left_ug
