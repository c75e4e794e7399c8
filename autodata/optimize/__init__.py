"""The outer loop: recipes that improve themselves, under guard."""
