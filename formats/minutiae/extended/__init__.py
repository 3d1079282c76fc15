"""The extended data of a finger view: ridge counts, cores and deltas, zonal quality, blocks of vendors."""
