"""What must hold across all apps at any moment; each query names the rows that break it."""

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    (
        "I12.1",
        "Each day's root continues the root before it",
        """
        SELECT root.day FROM desk_historyroot root
        WHERE root.previous <> COALESCE(
            (SELECT old.root FROM desk_historyroot old WHERE old.day < root.day ORDER BY old.day DESC LIMIT 1),
            '0000000000000000000000000000000000000000000000000000000000000000')
        """,
    ),
)
