"""What the theme shows on pages of one type."""
