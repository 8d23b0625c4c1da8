"""My work: agreements that wait for the signature, and those whose time has passed."""

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.tests.make import make_institution, make_membership
from loans.tests.make import make_agreement
from reviews.tests.make import browser_of

pytestmark = pytest.mark.django_db


def work_of(user: User) -> str:
    return browser_of(user).get(reverse("desk:desk")).content.decode()


def test_the_applicant_finds_what_is_to_be_signed() -> None:
    agreement = make_agreement()
    page = work_of(agreement.application.owner)
    assert "Loan Agreements to sign" in page
    assert agreement.reference in page


def test_the_officer_finds_what_is_overdue_and_a_conflicted_one_finds_nothing() -> None:
    home = make_institution(name_en="Home University")
    agreement = make_agreement(institution=home, ago=60)
    assert agreement.reference in work_of(make_user(None, Role.OFFICER))
    assert agreement.reference not in work_of(make_user(None, Role.APPROVER))
    tied = make_user(None, Role.OFFICER)
    make_membership(tied, home)
    page = work_of(tied)
    assert agreement.reference not in page
    assert "Loan Agreements to be decided" not in page
