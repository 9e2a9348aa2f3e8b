"""What a page has a browser load: its policy and its weight."""
