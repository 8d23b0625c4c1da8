"""How any record moves from one status to the next and remembers it."""
