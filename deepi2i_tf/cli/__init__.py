"""The command line: flags, how a command starts and ends."""
