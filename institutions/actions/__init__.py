"""What happens to the register of institutions, to the list of countries, and to both when a file of ROR is read."""

from institutions.actions.countries import CountryNameTaken, load_countries, revise_country
from institutions.actions.pace import TooFast, count_question
from institutions.actions.register import (
    AlreadyMember,
    ChangedMeanwhile,
    CountryAgainstKind,
    InstitutionRefused,
    NoLongerMember,
    NotMergeable,
    RorIdTaken,
    add_membership,
    create_institution,
    end_membership,
    index_institutions,
    merge_institutions,
    revise_institution,
    set_aliases,
    split_institution,
    verify_institution,
)
from institutions.actions.ror import LoadedElsewhere, begin_ror_load, finish_ror_load, load_ror_entries

__all__ = [
    "AlreadyMember",
    "ChangedMeanwhile",
    "CountryAgainstKind",
    "CountryNameTaken",
    "InstitutionRefused",
    "LoadedElsewhere",
    "NoLongerMember",
    "NotMergeable",
    "RorIdTaken",
    "TooFast",
    "add_membership",
    "begin_ror_load",
    "count_question",
    "create_institution",
    "end_membership",
    "finish_ror_load",
    "index_institutions",
    "load_countries",
    "load_ror_entries",
    "merge_institutions",
    "revise_country",
    "revise_institution",
    "set_aliases",
    "split_institution",
    "verify_institution",
]
