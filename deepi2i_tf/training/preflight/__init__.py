"""What is known, and told, before the first step."""
