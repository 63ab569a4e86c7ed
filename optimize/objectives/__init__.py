"""What a search makes better: each objective is a name, a direction and a function of a scored layout."""
