"""Templates are sealed with AES-256-GCM before they reach a store; keys, their table, and what wraps them."""
