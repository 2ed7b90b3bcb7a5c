"""What several extensions share."""
