"""The command line: one file per command, found by folder. Words in, words out, exit code."""
