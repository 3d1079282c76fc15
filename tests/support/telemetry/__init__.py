"""Reading metrics, and collecting what is pushed."""
