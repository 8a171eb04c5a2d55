"""What happened to every notification and file of a drill, and what is wrong with it. Pure."""
