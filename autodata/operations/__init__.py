"""Looking after a home: what is wrong with it, a copy of it elsewhere, and what of it can go."""
