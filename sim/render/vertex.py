"""What a pixel interpolates, side by side in memory, for it is read together."""

import warp as wp

Vertex = wp.types.vector(length=8, dtype=wp.float32)
"""Position and normal in the device frame, diffuse albedo at 850 and 940 nm."""
