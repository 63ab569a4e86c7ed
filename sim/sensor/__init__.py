"""From radiance to digital numbers: the lens's throughput, photons, electrons, noise and quantisation (EMVA 1288)."""
