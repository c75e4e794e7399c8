"""Overview: what is the matter and the one next thing to do."""

from autodata.ui.overview.page import draw_page

draw_page()
