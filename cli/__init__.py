"""The command line `biofusion …`, the topmost layer."""
