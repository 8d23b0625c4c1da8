"""Check codes: 26 characters that open the public check, forgiving about how they are typed."""

import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u that could be misread
LENGTH = 26  # 130 random bits
GROUP = 5
MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As it is printed: upper case, in groups of five, the last one longer."""
    starts = range(0, LENGTH - GROUP, GROUP)
    return "-".join(code[at : at + GROUP] if at != starts[-1] else code[at:] for at in starts).upper()


def normalised(typed: str) -> str:
    """The code meant by what somebody typed: any case, any grouping, letters that look like digits. Empty when it can be none."""
    code = re.sub(r"[\s\-‐-―−._·]", "", typed).lower().translate(MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
