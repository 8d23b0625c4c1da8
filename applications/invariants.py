"""What must always hold of applications, in plain SQL that returns the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I4",
        "Every handed-in version has exactly one receipt with the same moment and digest",
        """
        SELECT version.id, receipt.number FROM applications_version version
        LEFT JOIN applications_receipt receipt ON receipt.version_id = version.id
        WHERE version.submitted_at IS NOT NULL
          AND (receipt.id IS NULL OR receipt.digest <> version.digest OR receipt.at <> version.submitted_at
               OR receipt.application_id <> version.application_id)
        """,
    ),
    (
        "I4b",
        "A receipt belongs to a version that was handed in, and the current version is one of the application's own, handed in",
        """
        SELECT receipt.number AS bad FROM applications_receipt receipt JOIN applications_version version ON version.id = receipt.version_id
        WHERE version.submitted_at IS NULL
        UNION ALL
        SELECT application.reference FROM applications_application application
        JOIN applications_version version ON version.id = application.current_id
        WHERE version.submitted_at IS NULL OR version.application_id <> application.id OR version.submitted_at <> application.submitted_at
        """,
    ),
    (
        "I5",
        "The first version was handed in before the closing instant",
        """
        SELECT application.reference FROM applications_version version
        JOIN applications_application application ON application.id = version.application_id
        JOIN applications_applicationchange step
          ON step.record_id = application.id AND step.move IN ('submit', 'replace') AND step.at = version.submitted_at
        JOIN rounds_round round ON round.id = application.round_id
        WHERE version.submitted_at >= round.closes_at
        """,
    ),
    (
        "I11",
        "The status is where the last step of the history led",
        """
        SELECT application.reference FROM applications_application application
        LEFT JOIN applications_applicationchange last ON last.record_id = application.id AND last.sequence = application.version
        WHERE (application.version = 0 AND (application.status <> 'draft' OR application.history_head <> ''))
           OR (application.version > 0 AND (last.id IS NULL OR last.to_status <> application.status OR last.digest <> application.history_head))
        """,
    ),
    (
        "I12",
        "The history of an application is chained without a gap",
        """
        SELECT step.id FROM applications_applicationchange step
        LEFT JOIN applications_applicationchange before ON before.record_id = step.record_id AND before.sequence = step.sequence - 1
        WHERE (step.sequence = 1 AND (step.previous <> '' OR step.from_status <> 'draft'))
           OR (step.sequence > 1 AND (before.id IS NULL OR before.digest <> step.previous OR before.to_status <> step.from_status))
        """,
    ),
)
