"""Floor 4: `biofusion …` for people."""
