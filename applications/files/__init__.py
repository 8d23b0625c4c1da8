"""Attached files: what is let in, where it lies, what the virus scanner says of it."""
