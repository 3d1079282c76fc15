"""MOSIP's biometric SDK as its clients see it."""
