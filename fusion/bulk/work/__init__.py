"""What all kinds of jobs share: results of rows, concurrency in order, patience, and the members of a gallery."""
