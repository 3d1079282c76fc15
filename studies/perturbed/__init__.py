"""Worse templates made from good ones."""
