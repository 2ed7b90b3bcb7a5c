"""What may be given beside a dump, written again with the same pseudonyms: one module for each kind of file.

Only what is understood is written: keys, words and values that a module names. Everything else is left out: labels, annotations, comments,
names of hosts. Errors are those of the readers in `iptexplain.inputs`.
"""
