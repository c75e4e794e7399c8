"""Recipes: one folder per domain with prompt templates (Markdown) and limits (recipe.toml)."""
