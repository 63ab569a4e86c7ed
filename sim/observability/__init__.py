"""How well expressions can be told from the pixels: the Cramér–Rao bound of a layout.

Start at `evaluate.observe`; definitions and priors are in docs/observability.md.
"""
