"""ExecutedDocument to Page: the holes of a document filled."""
