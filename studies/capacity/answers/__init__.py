"""What an identification in a large gallery answers, simulated from the LLRs of measured sets."""
