"""The physics: rendering, sensing, scoring and the emission of labelled frames."""
