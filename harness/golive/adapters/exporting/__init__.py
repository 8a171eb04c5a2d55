"""What the trackers share: HTTP with patience, spreadsheets, markup, common losses."""
