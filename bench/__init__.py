"""Measures the portal on seeded data; figures, not pass or fail (script/bench)."""
