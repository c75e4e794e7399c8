"""Simulated models of the outer loop: an analyst that reads trajectories, an editor that rewrites a recipe's files.

Both work through text: what they know stands in the request they are sent.
"""
