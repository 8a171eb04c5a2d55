"""The gateway's notifications: taken, and given their effect."""
