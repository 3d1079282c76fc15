"""Trains the network that describes the ridges around a minutia; on ridges that are made up, never on a finger."""
