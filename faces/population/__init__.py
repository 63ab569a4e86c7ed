"""Who wears the headset: adult identities whose meshes measure as NIOSH measured adults (docs/population.md)."""
