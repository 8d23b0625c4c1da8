"""What must be true of people at every moment, as plain SQL that finds the rows for which it is not (PostgreSQL and SQLite)."""

ROLES_LIKE_THEIR_LOG = """
    SELECT u.email, g.name FROM accounts_user u CROSS JOIN auth_group g
    WHERE (SELECT COUNT(*) FROM accounts_user_groups m WHERE m.user_id = u.id AND m.group_id = g.id) <> (
        SELECT COALESCE(SUM(CASE WHEN c.given THEN 1 ELSE -1 END), 0) FROM accounts_rolechange c WHERE c.user_id = u.id AND c.role = g.name)"""
NO_OTHER_RIGHTS = "SELECT p.user_id FROM accounts_user_user_permissions p"

INVARIANTS: tuple[tuple[str, str, str], ...] = (
    ("roles-logged", "Every role held was given, and not ended since, in the log of roles", ROLES_LIKE_THEIR_LOG),
    ("roles-only", "Rights come from roles alone", NO_OTHER_RIGHTS),
)
