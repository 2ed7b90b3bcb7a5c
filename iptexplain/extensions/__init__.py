"""What each match and target of netfilter means: one module each, found through the tables in `binding`."""
