"""The commands of `biofusion`, one module each."""
