"""Target, catalog and settings become a plan. Pure: nothing is touched to make it."""
