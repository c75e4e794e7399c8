"""Trajectories of other systems become ordinary runs: one parser per format, one writer, one report."""
