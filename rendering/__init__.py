"""Rendering of synthetic near-infrared eye images for the demo and the tests."""
