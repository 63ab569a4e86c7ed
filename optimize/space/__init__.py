"""A headset file's search space as parameters: what an optimiser suggests, and the layout that comes of it."""
