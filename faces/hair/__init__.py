"""Brows, lashes, moustache and beard as strands that grow on the skin."""
