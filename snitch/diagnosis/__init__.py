"""What in a clone makes Snitch tell less than it could: facts, and what they amount to."""
