"""Evidence of each sample about one subject, and the fused LLR of all of it."""
