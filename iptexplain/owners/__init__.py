"""Whose chain is it: what is known of the programs that write rules, one maker a module or package. What rules do is `analysis`."""
