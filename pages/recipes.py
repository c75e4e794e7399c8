"""Recipes: how they evolve, why a change was kept or thrown away, and which one runs use from now on."""

from autodata.ui.recipes.page import draw_page

draw_page()
