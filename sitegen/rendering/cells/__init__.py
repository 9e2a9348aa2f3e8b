"""What cells gave, as HTML: each output by its kind."""
