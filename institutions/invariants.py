"""What must be true of the register at every moment, as plain SQL that finds the rows for which it is not (PostgreSQL and SQLite)."""

POINTS_AT_THE_LIVING = """
    SELECT i.id, i.name_en FROM institutions_institution i JOIN institutions_institution s ON s.id = i.merged_into_id
    WHERE s.merged_into_id IS NOT NULL"""
MERGED_BY_A_STEP = """
    SELECT i.id, i.name_en FROM institutions_institution i
    WHERE (i.merged_into_id IS NOT NULL) <> EXISTS (SELECT 1 FROM institutions_merge m WHERE m.institution_id = i.id AND m.ended_at IS NULL)"""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    ("merges-flat", "A merged institution points at one that stands for itself", POINTS_AT_THE_LIVING),
    ("merges-logged", "An institution is merged exactly while a step says so", MERGED_BY_A_STEP),
)
