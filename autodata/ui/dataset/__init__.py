"""Panels of the Dataset page."""
