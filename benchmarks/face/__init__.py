"""Face benchmarks."""
