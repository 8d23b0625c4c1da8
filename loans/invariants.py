"""What must always hold of loan agreements and promotions, in plain SQL that returns the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I18",
        "Every signed agreement has exactly one certificate, and no other agreement has one",
        """
        SELECT agreement.reference FROM loans_agreement agreement
        WHERE (CASE WHEN agreement.status = 'signed' THEN 1 ELSE 0 END) <> (
            SELECT COUNT(*) FROM letters_letter letter WHERE letter.key = 'certificate:' || agreement.reference AND letter.kind = 'certificate')
        UNION ALL
        SELECT letter.number FROM letters_letter letter
        WHERE letter.kind = 'certificate'
          AND NOT EXISTS (SELECT 1 FROM loans_agreement agreement
              WHERE letter.key = 'certificate:' || agreement.reference OR letter.key LIKE 'certificate:' || agreement.reference || ':again:%')
        """,
    ),
    (
        "I18b",
        "An agreement stands as its application does: signed, lapsed, or ended by a withdrawal",
        """
        SELECT agreement.reference, agreement.status, application.status FROM loans_agreement agreement
        JOIN reviews_decision decision ON decision.id = agreement.decision_id
        JOIN applications_application application ON application.id = decision.application_id
        WHERE (agreement.status = 'signed' AND (application.status <> 'approved' OR application.signed_on IS NULL
                OR application.signed_on <> agreement.signed_on))
           OR (agreement.status <> 'signed' AND application.signed_on IS NOT NULL)
           OR (agreement.status = 'lapsed') <> (application.status = 'lapsed')
           OR (agreement.status = 'ended' AND application.status <> 'withdrawn')
           OR (agreement.status = 'open' AND application.status NOT IN ('approved', 'withdrawn'))
        """,
    ),
    (
        "I18c",
        "A lapsed application has no open hold and exactly one letter that says so, apart from those written again",
        """
        SELECT application.reference FROM applications_application application
        JOIN reviews_decision decision ON decision.application_id = application.id
        JOIN loans_agreement agreement ON agreement.decision_id = decision.id AND agreement.status = 'lapsed'
        WHERE EXISTS (SELECT 1 FROM samples_hold hold WHERE hold.reference = application.reference AND hold.state <> 'released')
           OR 1 <> (SELECT COUNT(*) FROM letters_letter letter WHERE letter.reference = application.reference AND letter.kind = 'lapsed'
                     AND letter.key NOT LIKE '%:again:%')
        """,
    ),
    (
        "I18d",
        "An agreement belongs to an announced approval with mass, and is not older than its announcement",
        """
        SELECT agreement.reference FROM loans_agreement agreement
        JOIN reviews_decision decision ON decision.id = agreement.decision_id
        JOIN applications_application application ON application.id = decision.application_id
        WHERE decision.status <> 'announced' OR application.visible_at IS NULL OR agreement.made_at < application.visible_at
           OR NOT EXISTS (SELECT 1 FROM reviews_award award WHERE award.decision_id = decision.id AND award.mass_ug > 0)
        """,
    ),
    (
        "I18e",
        "The last day to sign is the one that was computed or the one that the last extension gave",
        """
        SELECT agreement.reference FROM loans_agreement agreement
        WHERE agreement.due_on <> COALESCE(
            (SELECT MAX(extension.due_on) FROM loans_agreementextension extension WHERE extension.agreement_id = agreement.id), agreement.due_on)
        """,
    ),
    (
        "I11d",
        "The status of agreements and promotions is where the last step of their history led",
        """
        SELECT 'agreement' AS kind, record.id FROM loans_agreement record
        LEFT JOIN loans_agreementchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        UNION ALL
        SELECT 'promotion', record.id FROM loans_promotion record
        LEFT JOIN loans_promotionchange last ON last.record_id = record.id AND last.sequence = record.version
        WHERE record.version > 0 AND (last.id IS NULL OR last.to_status <> record.status OR last.digest <> record.history_head)
        """,
    ),
    (
        "I19",
        "A promotion was made by somebody else than its proposer, as a decision on its own application",
        """
        SELECT promotion.id FROM loans_promotion promotion
        JOIN loans_promotionchange change ON change.record_id = promotion.id AND change.move = 'make'
        LEFT JOIN reviews_decision decision ON decision.id = promotion.decision_id
        WHERE change.by_id IS NULL OR change.by_id = promotion.proposed_by_id
           OR decision.id IS NULL OR decision.application_id <> promotion.application_id
        """,
    ),
)
