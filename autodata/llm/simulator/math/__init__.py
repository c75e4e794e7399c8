"""The simulated players of verifiable problems: they write, screen, solve and compare through text alone."""
