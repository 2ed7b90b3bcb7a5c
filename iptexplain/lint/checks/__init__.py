"""The checks, one a file, named by their codes. Each has a docstring that is its page, and a `CHECK`."""
