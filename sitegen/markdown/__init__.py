"""Text to Document. Pure; no markdown-it token leaves this package."""
