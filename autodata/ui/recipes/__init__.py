"""The Recipes page: searches for better recipes, their versions and iterations, and what a person does with them."""
