"""MOSIP's biometric SDK as a REST service: quality, templates, comparisons and images, in MOSIP's own words.

It keeps nothing: each request brings what it works on.
"""
