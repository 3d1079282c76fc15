"""The life cycle of encounters and subjects: what the port promises beyond enrolling and erasing."""
