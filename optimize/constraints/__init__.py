"""What a layout must leave room for, from geometry alone: each constraint gives a named margin, feasible where >= 0."""
