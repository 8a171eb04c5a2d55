"""Finds the servers of the reference deployment on this machine, and installs what is missing."""
