"""Set up a partnership, an edition or a chapter, and check the installation."""
