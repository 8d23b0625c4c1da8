"""What must always hold of reviews, decisions and awards, in plain SQL that returns the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I1b",
        "Open holds equal the awards of live applications: every award has its hold",
        """
        SELECT application.reference, sample.number FROM reviews_award award
        JOIN reviews_decision decision ON decision.id = award.decision_id
        JOIN applications_application application ON application.id = decision.application_id
        JOIN applications_request request ON request.id = award.request_id
        JOIN samples_sample sample ON sample.id = request.sample_id
        LEFT JOIN samples_hold hold ON hold.sample_id = sample.id AND hold.reference = application.reference AND hold.state <> 'released'
        WHERE award.mass_ug > 0
          AND ((decision.status = 'recorded' AND application.status IN ('in_review', 'invited', 'reserve'))
               OR (decision.status = 'announced' AND application.status = 'approved'))
          AND (hold.id IS NULL OR hold.mass_ug <> award.mass_ug
               OR (decision.status = 'recorded' AND hold.state <> 'earmarked') OR (decision.status = 'announced' AND hold.state = 'earmarked'))
        """,
    ),
    (
        "I1c",
        "Open holds equal the awards of live applications: every open hold has its award",
        """
        SELECT hold.reference, hold.sample_id FROM samples_hold hold
        WHERE hold.state <> 'released' AND NOT EXISTS (
            SELECT 1 FROM reviews_award award
            JOIN reviews_decision decision ON decision.id = award.decision_id
            JOIN applications_application application ON application.id = decision.application_id
            JOIN applications_request request ON request.id = award.request_id
            WHERE application.reference = hold.reference AND request.sample_id = hold.sample_id AND award.mass_ug = hold.mass_ug
              AND decision.status IN ('recorded', 'announced')
              AND application.status IN ('in_review', 'invited', 'reserve', 'approved'))
        """,
    ),
    (
        "I6b",
        "Each announced decision has exactly one letter",
        """
        SELECT application.reference, decision.number FROM reviews_decision decision
        JOIN applications_application application ON application.id = decision.application_id
        WHERE decision.status = 'announced' AND 1 <> (
            SELECT COUNT(*) FROM letters_letter letter
            WHERE letter.key = 'decision:' || application.reference || ':' || CAST(decision.number AS VARCHAR(10)))
        """,
    ),
    (
        "I8b",
        "No decision letter stands for a decision that was not announced, and none is out before the announcement is visible",
        """
        SELECT letter.number FROM letters_letter letter
        LEFT JOIN applications_application application ON application.reference = letter.reference
        WHERE letter.kind = 'decision' AND (
            NOT EXISTS (SELECT 1 FROM reviews_decision decision WHERE decision.application_id = application.id AND decision.status = 'announced')
            OR (letter.status = 'valid' AND application.status IN ('approved', 'reserve', 'declined')
                AND (application.visible_at IS NULL OR letter.visible_at < application.visible_at
                     OR (letter.supersedes_id IS NULL AND letter.visible_at > application.visible_at))
                AND NOT EXISTS (
                    SELECT 1 FROM reviews_decision earlier
                    JOIN reviews_decision later ON later.application_id = earlier.application_id AND later.number > earlier.number
                    WHERE earlier.application_id = application.id AND later.status = 'announced'
                      AND letter.key || ':' LIKE 'decision:' || application.reference || ':' || CAST(earlier.number AS VARCHAR(10)) || ':%')))
        """,
    ),
    (
        "I9",
        "A filed review was filed by somebody without a conflict, declared or set by the office; one declared later leaves it in the record",
        """
        SELECT review.id FROM reviews_review review
        JOIN reviews_conflict conflict ON conflict.application_id = review.application_id AND conflict.user_id = review.expert_id
        WHERE review.status = 'filed' AND conflict.standing IN ('conflict', 'pinned') AND conflict.declared_at <= review.filed_at
        UNION
        SELECT review.id FROM reviews_review review
        JOIN reviews_declaration word ON word.application_id = review.application_id AND word.user_id = review.expert_id
        WHERE review.status = 'filed' AND word.standing IN ('conflict', 'pinned') AND word.at <= review.filed_at
          AND NOT EXISTS (
            SELECT 1 FROM reviews_declaration later
            WHERE later.application_id = word.application_id AND later.user_id = word.user_id AND later.id > word.id AND later.at <= review.filed_at)
        """,
    ),
    (
        "I11b",
        "The status of reviews, decisions and announcements is where the last step of their history led",
        """
        SELECT 'review' AS kind, record.id FROM reviews_review record
        LEFT JOIN reviews_reviewchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        UNION ALL
        SELECT 'decision', record.id FROM reviews_decision record
        LEFT JOIN reviews_decisionchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        UNION ALL
        SELECT 'announcement', record.id FROM reviews_announcement record
        LEFT JOIN reviews_announcementchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        UNION ALL
        SELECT 'slot', record.id FROM reviews_slot record
        LEFT JOIN reviews_slotchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        """,
    ),
    (
        "I15",
        "Nobody has reviewed an own application, or one in whose team the person was when the review was filed",
        """
        SELECT review.id FROM reviews_review review
        JOIN applications_application application ON application.id = review.application_id
        WHERE review.status = 'filed' AND application.owner_id = review.expert_id
        UNION
        SELECT review.id FROM reviews_review review
        JOIN applications_member member ON member.application_id = review.application_id AND member.user_id = review.expert_id
        WHERE review.status = 'filed' AND member.accepted_at <= review.filed_at
        """,
    ),
    (
        "I16",
        "Every granted award reaches the share of the votes that was frozen with its decision, and is not more than was voted for",
        """
        SELECT award.id FROM reviews_award award
        JOIN reviews_decision decision ON decision.id = award.decision_id AND decision.status <> 'retracted'
        LEFT JOIN reviews_vote vote ON vote.request_id = award.request_id
        WHERE award.mass_ug > 0 AND (vote.id IS NULL OR decision.vote_denominator IS NULL OR vote.present <= vote.recused
            OR vote.yes * decision.vote_denominator < decision.vote_numerator * (vote.present - vote.recused)
            OR award.mass_ug > COALESCE(vote.mass_ug, award.mass_ug))
        """,
    ),
    (
        "I16b",
        "A vote counts nobody but members who were noted as present in its meeting, and invited experts to whom the application was given",
        """
        SELECT vote.id FROM reviews_vote vote
        JOIN applications_request request ON request.id = vote.request_id
        JOIN applications_version version ON version.id = request.version_id
        WHERE vote.meeting_id IS NOT NULL AND vote.present > (
            SELECT COUNT(*) FROM reviews_attendance attendance
            JOIN reviews_seat seat ON seat.id = attendance.seat_id
            WHERE attendance.meeting_id = vote.meeting_id AND (NOT attendance.is_invited OR EXISTS (
                SELECT 1 FROM reviews_review review WHERE review.application_id = version.application_id AND review.expert_id = seat.user_id)))
        """,
    ),
    (
        "I16c",
        "A vote is counted in a meeting of its round, and reduces the mass of powder only, to less than was asked for",
        """
        SELECT vote.id FROM reviews_vote vote
        JOIN applications_request request ON request.id = vote.request_id
        JOIN samples_sample sample ON sample.id = request.sample_id
        JOIN applications_version version ON version.id = request.version_id
        JOIN applications_application application ON application.id = version.application_id
        LEFT JOIN reviews_meeting meeting ON meeting.id = vote.meeting_id
        WHERE meeting.round_id <> application.round_id OR (vote.mass_ug IS NOT NULL AND (vote.mass_ug >= request.mass_ug OR sample.form <> 'powder'))
        """,
    ),
    (
        "I17b",
        "An application that was missing in its hearing is withdrawn",
        """
        SELECT application.reference FROM reviews_slot slot
        JOIN applications_application application ON application.id = slot.application_id
        WHERE slot.status = 'absent' AND application.status <> 'withdrawn'
        """,
    ),
)
