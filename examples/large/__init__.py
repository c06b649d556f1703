"""A chemical park of 30,000 points, made by generate.py."""
