"""What a search leaves: the Pareto front's layouts as files, every trial in a table."""
