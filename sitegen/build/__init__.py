"""The nine calls in order, and the swap of the finished site."""
