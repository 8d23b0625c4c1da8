"""What must hold between letters, mails and readers at any moment; each query names the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I6.1",
        "A printed letter has a file and its digest, and no other letter has either",
        """
        SELECT number FROM letters_letter
        WHERE (printing = 'printed' AND (file = '' OR digest = '')) OR (printing <> 'printed' AND digest <> '')
        UNION SELECT digest FROM letters_letter WHERE digest <> '' GROUP BY digest HAVING COUNT(*) > 1
        """,
    ),
    (
        "I6.2",
        "A superseded letter has exactly one successor, and no other letter has one",
        """
        SELECT old.number FROM letters_letter old LEFT JOIN letters_letter new ON new.supersedes_id = old.id
        GROUP BY old.id, old.number, old.status
        HAVING (old.status = 'superseded' AND COUNT(new.id) <> 1) OR (old.status <> 'superseded' AND COUNT(new.id) > 0)
        """,
    ),
    (
        "I6.3",
        "Letter numbers of a year run from 1 without a gap",
        """
        SELECT counter.year FROM letters_lettercounter counter
        LEFT JOIN letters_letter letter ON letter.number LIKE 'LSL-' || CAST(counter.year AS TEXT) || '-%'
        GROUP BY counter.year, counter.last HAVING COUNT(letter.id) <> counter.last
        """,
    ),
    (
        "I7.1",
        "Each reader of a released letter has exactly one mail",
        """
        SELECT letter.number, COUNT(DISTINCT reader.id), COUNT(DISTINCT mail.id) FROM letters_letter letter
        LEFT JOIN letters_letterreader reader ON reader.letter_id = letter.id
        LEFT JOIN letters_mail mail ON mail.letter_id = letter.id
        WHERE letter.visible_at IS NOT NULL
        GROUP BY letter.id, letter.number HAVING COUNT(DISTINCT reader.id) <> COUNT(DISTINCT mail.id)
        """,
    ),
    (
        "I7.2",
        "A mail was sent once or not at all, and a failed one names its reason",
        """
        SELECT message_id FROM letters_mail WHERE (state = 'sent') <> (sent_at IS NOT NULL) OR (state = 'failed' AND problem = '')
        UNION SELECT message_id FROM letters_mail GROUP BY message_id HAVING COUNT(*) > 1
        """,
    ),
    (
        "I8.1",
        "No mail exists for a letter that was never released",
        """
        SELECT letter.number, mail.id FROM letters_mail mail
        JOIN letters_letter letter ON letter.id = mail.letter_id WHERE letter.visible_at IS NULL
        """,
    ),
    (
        "I8.2",
        "No mail went out before its letter was visible and printed",
        """
        SELECT letter.number, mail.id FROM letters_mail mail JOIN letters_letter letter ON letter.id = mail.letter_id
        WHERE mail.sent_at < letter.visible_at OR mail.sent_at < letter.printed_at
        """,
    ),
)
