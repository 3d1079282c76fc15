"""How cases are kept: as documents of the store, with an index in the keys of others."""
