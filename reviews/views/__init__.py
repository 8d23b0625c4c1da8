"""The experts' queue and review page, and the office's pages from the formal check to the announcement."""
