"""`golive audit`."""

from golive.cli.gating import suite_command

command = suite_command("audit", "Look at configuration and exposure")
