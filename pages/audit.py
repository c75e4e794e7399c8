"""Audit: is the gap real, did anything change the requests, and how far the audit can be trusted."""

from autodata.ui.audit.page import draw_page

draw_page()
