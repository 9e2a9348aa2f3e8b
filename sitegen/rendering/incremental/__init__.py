"""What a recorded read is worth, and which reads a change can have touched."""
