"""What a person clicks, in a real browser."""
