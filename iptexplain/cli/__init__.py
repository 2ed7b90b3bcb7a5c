"""The command: files and options in, text and an exit status out. Only this package prints, opens what the user names, and exits."""
