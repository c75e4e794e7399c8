"""Dataset: what can leave, what is held back and why, and the versions that left."""

from autodata.ui.dataset.page import draw_page

draw_page()
