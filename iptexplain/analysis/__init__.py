"""From a ruleset to facts. Nothing here reads text or prints."""
