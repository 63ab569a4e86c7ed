"""Search over camera and LED placements: space, objectives, constraints, study."""
