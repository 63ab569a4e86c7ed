"""The page about a search: what it found, how, and what the layouts look like."""
