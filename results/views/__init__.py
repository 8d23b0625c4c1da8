"""The published lists, their files and figures, and the administrator's preview of the next version."""

from results.views.files import csv, feed, json, schema
from results.views.office import office, recall
from results.views.published import overview, round
from results.views.transparency import transparency, transparency_csv, transparency_json

__all__ = [
    "csv",
    "feed",
    "json",
    "office",
    "overview",
    "recall",
    "round",
    "schema",
    "transparency",
    "transparency_csv",
    "transparency_json",
]
