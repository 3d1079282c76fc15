"""From the search results of all samples to a ranked list of subjects, computed in arrays."""
