"""Autodata: run, see, audit and approve training tasks written by agents."""

__version__ = "0.1.0"
