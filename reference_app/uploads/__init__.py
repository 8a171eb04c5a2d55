"""Files of debtors: taken, read, shown and given back."""
