"""The formal check as a list that follows from the rules."""

from reviews.checklist.items import ITEMS
from reviews.checklist.lines import Checklist, Line, checklist_of, items_for

__all__ = ["ITEMS", "Checklist", "Line", "checklist_of", "items_for"]
