"""The nouns: what an author writes, before Markdown is read. Only `sources.py` touches the disk."""
