"""Pictures of samples: fetched for one view, decoded where that can do no harm, marked, and forgotten."""
