"""What is done with result lists: published, set for an instant, recalled; and the public record, which is loaded."""

from results.actions.publishing import (
    AlreadySet,
    DecisionsWait,
    ListChanged,
    MayNot,
    NoteNeeded,
    NothingChanged,
    NotPublishable,
    TooEarly,
    problem_text,
    publish_results,
    recall_publication,
    run_publications,
    schedule_publication,
    write_list,
)
from results.actions.records import BATCH_COLUMNS, ListHead, LoadedRounds, load_batches, load_results, names_within

__all__ = [
    "BATCH_COLUMNS",
    "AlreadySet",
    "DecisionsWait",
    "ListChanged",
    "ListHead",
    "LoadedRounds",
    "MayNot",
    "NotPublishable",
    "NoteNeeded",
    "NothingChanged",
    "TooEarly",
    "load_batches",
    "load_results",
    "names_within",
    "problem_text",
    "publish_results",
    "recall_publication",
    "run_publications",
    "schedule_publication",
    "write_list",
]
