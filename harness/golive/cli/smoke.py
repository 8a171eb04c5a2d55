"""`golive smoke`."""

from golive.cli.gating import suite_command

command = suite_command("smoke", "Run the smoke suite")
