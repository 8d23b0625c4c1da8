"""What a mail server says about a mail that it could not deliver (RFC 3464), read from the report it sends back.

Whoever can reach the mailbox of the reports can write anything into it, so a report is only words here: which of our mails, to whom, why.
`letters.actions.note_bounce` decides whether to believe it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

LARGEST_REPORT = 5_000_000  # bytes; a longer one is cut off, the report itself stands before the returned mail
MOST_RECIPIENTS = 100
MESSAGE_ID = re.compile(r"<[^<>\s]{3,190}>")


@dataclass(frozen=True)
class Bounce:
    """A mail that will not arrive: our Message-ID, the addresses as named in the report, and the server's reason."""

    message_id: str
    recipients: frozenset[str]
    problem: str


def read_bounce(raw: bytes) -> Bounce | None:
    """The failure that a report tells; None for anything else: another mail, a mere delay, a report without our Message-ID."""
    try:
        report = message_from_bytes(raw[:LARGEST_REPORT], policy=policy.compat32)
        if report.get_content_type() != "multipart/report":
            return None
        payload = report.get_payload()
        parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
        failures = [fields for part in parts if part.get_content_type() == "message/delivery-status" for fields in _failures(part)]
        message_id = next((found for part in parts if (found := _returned_id(part))), "")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # what the parser makes of a mangled mail
        return None
    if not failures or not message_id:
        return None
    recipients = frozenset(
        address for fields in failures for name in ("Original-Recipient", "Final-Recipient") if (address := _address(str(fields.get(name, ""))))
    )
    first = failures[0]
    said = (_plain(str(first.get(name, ""))) for name in ("Status", "Diagnostic-Code"))
    return Bounce(message_id, recipients, " ".join(word for word in said if word))


def _failures(part: Message) -> Iterator[Message]:
    """The blocks of a delivery status that tell of a final failure: one for each recipient, after the block about the mail."""
    blocks = part.get_payload()
    if not isinstance(blocks, list):
        return
    for block in blocks[: MOST_RECIPIENTS + 1]:
        if isinstance(block, Message) and str(block.get("Action", "")).strip().lower() == "failed" and block.get("Final-Recipient"):
            yield block


def _returned_id(part: Message) -> str:
    """The Message-ID of the mail that came back, from its copy or from its headers alone."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        text = str(first.get("Message-ID", "")) if isinstance(first, Message) else ""
    elif kind == "text/rfc822-headers":
        payload = part.get_payload(decode=True)
        text = str(message_from_bytes(payload).get("Message-ID", "")) if isinstance(payload, bytes) else ""
    else:
        return ""
    found = MESSAGE_ID.search(text)
    return found[0] if found else ""


def _address(field: str) -> str:
    """The address of "rfc822; name@example.org"."""
    kind, _semicolon, address = field.partition(";")
    return _plain(address).strip("<>").lower() if kind.strip().lower() in {"rfc822", "utf-8"} else ""


def _plain(field: str) -> str:
    return " ".join(field.split())
