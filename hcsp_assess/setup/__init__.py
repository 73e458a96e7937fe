"""Setting up: another partnership, a new edition or chapter, and what a machine lacks."""
