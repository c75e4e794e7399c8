"""Runs: start one, watch it, pause, resume or stop it."""

from autodata.ui.runs.page import draw_page

draw_page()
