"""Perturbed templates: good ones made worse."""
