"""The data share: where the samples of an insert are, encrypted for this ABIS."""
