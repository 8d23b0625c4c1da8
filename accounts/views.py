"""People, their roles, and what one says about oneself."""
