"""Looks at settings, files, doors and logs of a deployment, and changes none of them."""
