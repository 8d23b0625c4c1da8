"""Who may do what on the pages that look across everything."""

from accounts.models import Role, User


def may_edit_letter_texts(user: User) -> bool:
    """The words of letters are the office's; the administrator looks after them too."""
    return user.has_role(Role.OFFICER, Role.ADMINISTRATOR)
