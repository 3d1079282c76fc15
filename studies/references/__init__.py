"""How several references of one position are best enrolled and compared."""
