"""What is still missing before an application can be handed in. The form, the check page and the submission ask the same rule."""

from collections.abc import Collection, Iterator, Mapping

from django.utils.translation import gettext as _

from applications.actions.situations import Problem
from applications.models import Version
from applications.questions import FALLBACKS, LINE_QUESTIONS, WANTED, YES, Question, asked_lines, line_name, line_questions, parts_of
from rounds.models import Round, RoundSample
from samples.masses import mass_or_none, spell_mg
from samples.models import Sample


def missing_parts(version: Version) -> list[Problem]:
    """What stands between this version and its submission, in the order of the form."""
    round = version.application.round
    lines = {line.sample.number: line for line in version.requests.all()}
    samples = Sample.objects.in_bulk([number for number, _place in asked_lines(version.answers) if number not in lines], field_name="number")
    known = {number: line.sample for number, line in lines.items()} | samples
    problems: list[Problem] = []
    for part in parts_of(round.kind).values():
        for question in part.questions:
            if question.name == "institution":
                problems += _institution(version, round)
            elif question.name == "lines":
                problems += _lines(version, round, known)
            elif question.name == "nothing_attached" and version.attachments.all():
                continue
            elif problem := _answer(version, question, round):
                problems.append(problem)
        if part.name == "methods":
            problems += _line_answers(version, round, known, "methods")
            problems += [Problem("methods", key, text) for key, text in loss_problems(version.answers, known).items()]
        if part.name == "institution" and round.needs_endorsement and not is_endorsed(version):
            problems.append(Problem("institution", "endorsement", _("The signatory of the institution has not endorsed these answers yet.")))
    return problems


def is_endorsed(version: Version) -> bool:
    """Whether somebody has endorsed exactly what the version says now."""
    digest = version.expected_digest()
    return any(endorsement.digest == digest for endorsement in version.endorsements.all())


def _answer(version: Version, question: Question, round: Round) -> Problem | None:
    text = version.answer(question.name)
    if not question.is_asked(version.answers):
        return None
    if not text.strip():
        return Problem(question.section, question.name, str(question.missing)) if question.is_needed else None
    problem = question.problem(text, round)
    return Problem(question.section, question.name, f"{question.label}: {problem}") if problem else None


def _institution(version: Version, round: Round) -> Iterator[Problem]:
    if version.institution is None:
        yield Problem("institution", "institution", _("Choose the institution that will sign for the loan."))
    elif not round.admits(version.institution.survivor):
        yield Problem("institution", "institution", _("This round is not for institutions of that country or region."))


def _lines(version: Version, round: Round, samples: dict[str, Sample]) -> Iterator[Problem]:
    asked = list(asked_lines(version.answers))
    if not any(place == WANTED for _number, place in asked):
        yield Problem("samples", "lines", _("Ask for at least one sample."))
    offered = set(RoundSample.objects.filter(round=round).values_list("sample_id", flat=True))
    lines = {line.sample.number: line for line in version.requests.all()}
    yield from _line_answers(version, round, samples, "samples")
    problems = sample_problems(version.answers, samples, offered)
    yield from (Problem("samples", key, text) for key, text in problems.items())
    for number, _place in asked:
        line, key = lines.get(number), line_name(number, "mass")
        problem = request_problem(line.sample, line.mass_ug, offered) if line else None
        if problem and not {key, line_name(number, "place")} & set(problems):
            yield Problem("samples", key, problem)


def sample_problems(answers: Mapping[str, str], samples: Mapping[str, Sample], offered: Collection[int]) -> dict[str, str]:
    """What is wrong about the samples asked for, against the stock and against each other, by the name of the answer to be mended.

    What is wrong with a single answer as it stands, or missing, is not repeated.
    """
    problems: dict[str, str] = {}
    ranks: set[str] = set()
    for number, place in asked_lines(answers):
        place_name, mass_name, least_name = (line_name(number, name) for name in ("place", "mass", "least"))
        sample = samples.get(number)
        mass_ug, least_ug = mass_or_none(answers.get(mass_name, "")), mass_or_none(answers.get(least_name, ""))
        if sample is None or sample.pk not in offered:
            problems[place_name] = _("%(number)s is not offered in this round.") % {"number": number}
        elif not sample.left_ug:
            problems[place_name] = _("Nothing of %(number)s is left.") % {"number": number}
        elif place in ranks:
            problems[place_name] = _("Another sample is fall-back %(rank)s as well: give each one its own place.") % {"rank": place}
        if sample is None:
            continue
        if not sample.is_divisible:
            if answers.get(mass_name, "").strip() and mass_ug != sample.present_ug:
                problems[mass_name] = _("%(number)s is lent whole: it cannot be asked for in part.") % {"number": number}
        elif mass_ug and place_name not in problems and (problem := request_problem(sample, mass_ug, offered)):
            problems[mass_name] = problem
        if sample.is_divisible and mass_ug and least_ug and least_ug > mass_ug:
            problems[least_name] = _("%(number)s: the smallest useful amount cannot be more than the best amount.") % {"number": number}
        ranks |= {place} & set(FALLBACKS)
    return problems


def loss_problems(answers: Mapping[str, str], samples: Mapping[str, Sample]) -> dict[str, str]:
    """Losses that are more than what is asked for, by the name of the answer."""
    problems: dict[str, str] = {}
    for number, _place in asked_lines(answers):
        sample = samples.get(number)
        if sample is None or answers.get(line_name(number, "destructive")) != YES:
            continue
        mass_ug = mass_or_none(answers.get(line_name(number, "mass"), "")) if sample.is_divisible else sample.present_ug
        loss_ug = mass_or_none(answers.get(line_name(number, "loss"), ""))
        if mass_ug and loss_ug and loss_ug > mass_ug:
            text = _("%(number)s: the loss cannot be more than the %(mass)s mg asked for.")
            problems[line_name(number, "loss")] = text % {"number": number, "mass": spell_mg(mass_ug)}
    return problems


def _line_answers(version: Version, round: Round, samples: dict[str, Sample], section: str) -> Iterator[Problem]:
    """What is missing or wrong about each sample asked for."""
    for number, _place in asked_lines(version.answers):
        sample = samples.get(number)
        about = {question.name: version.answers.get(line_name(number, question.name), "") for question in LINE_QUESTIONS}
        for question in line_questions(round.kind, section):
            if not question.is_asked(about) or (question.name in ("mass", "least") and sample is not None and not sample.is_divisible):
                continue
            text, key = about[question.name], line_name(number, question.name)
            if problem := question.problem(text, round):
                yield Problem(section, key, _("%(number)s: %(problem)s") % {"number": number, "problem": problem})
            elif not text.strip() and question.is_needed:
                yield Problem(section, key, _("%(number)s: %(problem)s") % {"number": number, "problem": f"{question.missing}."})


def request_problem(sample: Sample, mass_ug: int, offered: Collection[int]) -> str | None:
    """Why a sample cannot be asked for like this, as a sentence; None when it can. Judged by the public stock figure."""
    if sample.pk not in offered:
        return _("%(number)s is not offered in this round.") % {"number": sample.number}
    if mass_ug <= 0:
        return _("Ask for more than 0 mg of %(number)s.") % {"number": sample.number}
    if not sample.is_divisible and mass_ug != sample.present_ug:
        return _("%(number)s is lent whole: it cannot be asked for in part.") % {"number": sample.number}
    if not sample.left_ug:
        return _("Nothing of %(number)s is left.") % {"number": sample.number}
    if mass_ug > sample.left_ug:
        return _("Only %(left)s mg of %(number)s are left.") % {"left": spell_mg(sample.left_ug), "number": sample.number}
    return None
