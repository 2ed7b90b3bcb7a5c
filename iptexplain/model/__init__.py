"""The values that everything else speaks of: addresses, rulesets, packets, matches. Nothing here reads text files or prints."""
