"""Dumps that may be made public: the same story with other addresses and names. The output of one key is always the same."""
