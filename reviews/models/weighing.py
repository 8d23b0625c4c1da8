"""What the rules of a round find about awards: by what the office can still promise, and by what a person and an institution get already."""

from collections.abc import Mapping, Sequence

from django.db.models import Q, Sum

from accounts.models import User
from applications.models import Application, Request, Version
from applications.weighing import Weighed, facts_of_request, weigh, weigh_version
from applications.workflow import DECIDABLE, Status
from reviews.models.decision import Award
from reviews.models.reads import cases_visible_to
from reviews.models.review import Review
from reviews.workflow import GRANTED, DecisionStatus
from rounds.rules import OF_SUMS, Limit, SumFacts
from samples.models import Sample


def weigh_for_expert(review: Review, reader: User) -> Weighed:
    """By the public figures; sums only over what the reader reviews in this round and has opened."""
    mine = Review.objects.visible_to(reader).in_round(review.application.round).declared().values("application_id")
    return weigh_version(_current(review.application), Application.objects.filter(pk__in=mine))


def weigh_for_office(application: Application, reader: User) -> Weighed:
    """By the public figures; sums over the cases that this person may handle."""
    return weigh_version(_current(application), cases_visible_to(reader))


def _current(application: Application) -> Version:
    """The version handed in last, which every case has."""
    version = application.current
    assert version is not None
    version.application = application
    return version


def awarded_beside(application: Application, reader: User) -> SumFacts:
    """What the same person and the same institution get by other standing decisions of the round, of cases that the reader may handle.

    A person of the office who is shut out of a case does not learn its awards by a refusal; the price is that a sum over cases of
    which one is shut may be passed.
    """
    cases = cases_visible_to(reader).of_round(application.round).exclude(pk=application.pk).filter(status__in=(*DECIDABLE, Status.APPROVED))
    survivor = application.institution and (application.institution.merged_into_id or application.institution_id)
    of_application = "decision__application__"
    family = Q(**{of_application + "institution": survivor}) | Q(**{of_application + "institution__merged_into": survivor})
    awards = Award.objects.filter(outcome__in=GRANTED, decision__application__in=cases).exclude(decision__status=DecisionStatus.RETRACTED)
    sums = awards.aggregate(
        person=Sum("mass_ug", filter=Q(**{of_application + "owner": application.owner_id}), default=0),
        institution=Sum("mass_ug", filter=family, default=0),
    )
    return SumFacts(sums["person"], sums["institution"])


def weigh_awards(
    application: Application, masses_ug: Mapping[Request, int], *, limits: Sequence[Limit], reader: User, is_set_aside: bool = True
) -> Weighed:
    """What the rules find about awards whose mass is set aside already: what could be promised is what is left in the vault, and this mass.

    A decision asks after its mass was set aside, because then the stock's row is ours until the transaction ends and no other award can slip
    in. A proposal sets nothing aside (`is_set_aside` False): what can be promised lies in the vault, and is judged once more by its decision.
    """
    version = _current(application)
    granted = {request: mass_ug for request, mass_ug in masses_ug.items() if mass_ug}
    vaults = dict(Sample.objects.filter(pk__in=[request.sample_id for request in granted]).values_list("pk", "vault_ug"))
    lines = [
        facts_of_request(request, version.answers, mass_ug=mass_ug, lendable_ug=vaults[request.sample_id] + (mass_ug if is_set_aside else 0))
        for request, mass_ug in granted.items()
    ]
    sums = None
    if granted and any(limit.kind in OF_SUMS for limit in limits):
        beside, own_ug = awarded_beside(application, reader), sum(granted.values())
        sums = SumFacts(own_ug + beside.person_ug, own_ug + beside.institution_ug)
    return weigh(limits, lines, sums)
