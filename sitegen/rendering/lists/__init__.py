"""Lists of pages: in groups, in pagers, and of what is related."""
