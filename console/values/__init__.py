"""What pages show, as plain values: the wire fills them, templates read them."""
