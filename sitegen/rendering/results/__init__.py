"""What a page tells of its results: where they come from, their numbers, and how to run it again."""
