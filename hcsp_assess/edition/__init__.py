"""Everything known about an edition: its counts, returns, series, places and findings."""
