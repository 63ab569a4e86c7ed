"""The headset file, format 1, as strict pydantic models: lengths in mm, angles in deg, as CAD has them."""
