"""The nouns: frozen, standard library only, no I/O. Every other package exchanges these."""
