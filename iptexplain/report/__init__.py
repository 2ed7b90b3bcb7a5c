"""What a report says of some dumps, as values: facts that the views put into words, and nothing of how they look."""
