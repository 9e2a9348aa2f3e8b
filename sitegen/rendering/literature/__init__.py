"""Works: those that a page cites, and those that the site lists."""
