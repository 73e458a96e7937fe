"""What an edition knows, in one place: its counts, returns, series, places and findings."""
