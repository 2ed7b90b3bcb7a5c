"""Lint: what is wrong in a dump. One file a check in `checks/`, all of them in the table of `registry`."""
