"""What donning and assembly tolerances cost: scores over headsets as they are built and worn."""
