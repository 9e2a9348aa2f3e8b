"""What programs read: feeds, sitemaps, JSON-LD, cards, the text for search."""
