"""`python -m iptexplain` is the command."""

from iptexplain.cli.app import main

if __name__ == "__main__":
    main()
