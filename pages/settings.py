"""Settings: who you are, which models play which seat, and the state of the index."""

from autodata.ui.settings.page import draw_page

draw_page()
