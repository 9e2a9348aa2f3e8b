"""Pygments' lexers, faster and with the same tokens."""
