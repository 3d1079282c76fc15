"""Peers that benchmarks compare with (echo servers, matchers of other projects), and processes and callers to do so."""
