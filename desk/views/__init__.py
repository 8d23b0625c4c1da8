"""Pages that look across everything: for the public, for each person's own work, and for the office."""
