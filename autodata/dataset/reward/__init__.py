"""The reward function that leaves with a dataset: one file that needs Python and the openai client only."""
