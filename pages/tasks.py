"""Tasks: every candidate with its scores; filter, sort, open."""

from autodata.ui.tasks.page import draw_page

draw_page()
