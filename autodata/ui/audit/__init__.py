"""Panels of the Audit page."""
