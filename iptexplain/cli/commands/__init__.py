"""One module a command: read, analyse, render, exit status."""
