"""Review: one task per screen, decided by one key."""

from autodata.ui.review.page import draw_page

draw_page()
