"""What must always hold of published lists, in plain SQL that returns the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I10",
        "A list of a round of this portal names only announced approvals that were visible when it was published",
        """
        SELECT result_list.id, result_row.position FROM results_resultrow result_row
        JOIN results_resultlist result_list ON result_list.id = result_row.result_list_id
        JOIN rounds_round round ON round.id = result_list.round_id
        WHERE NOT round.is_public_record AND NOT EXISTS (
            SELECT 1 FROM reviews_award award
            JOIN reviews_decision decision ON decision.id = award.decision_id AND decision.status = 'announced'
            JOIN applications_application application ON application.id = decision.application_id
            JOIN applications_request request ON request.id = award.request_id
            JOIN samples_sample sample ON sample.id = request.sample_id
            WHERE application.round_id = round.id AND sample.number = result_row.sample_number AND award.mass_ug = result_row.mass_ug
              AND application.visible_at <= result_list.published_at)
        """,
    ),
    (
        "I10b",
        "Lists are numbered from 1 without a gap",
        """
        SELECT round_id, COUNT(*), MAX(number) FROM results_resultlist GROUP BY round_id HAVING COUNT(*) <> MAX(number)
        """,
    ),
)
