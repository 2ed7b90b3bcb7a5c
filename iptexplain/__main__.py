"""Where the command begins: `iptexplain`, or `python -m iptexplain`.

A process that reads, writes and ends needs no garbage collector, which would look at a million values again and again; and what importing
typer makes is looked at several times before anything is read. So it is switched off before everything else.
"""

import gc


def main() -> None:
    """Runs the command and ends the process with its status."""
    gc.disable()
    from iptexplain.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
