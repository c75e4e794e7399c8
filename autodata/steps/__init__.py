"""The steps of a round, each in a file of its own; autodata.loop takes them in the order the recipe declares."""
