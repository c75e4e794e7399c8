"""Panels of the Tasks page."""
