"""Pictures: their size, their forms for screens, and what they may not tell or run."""
