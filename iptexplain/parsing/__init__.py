"""From bytes to a `Ruleset`. The grammar in `grammar/` is the only description of the syntax; only this package knows lark."""
