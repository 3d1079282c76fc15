"""Tokens of callers that cannot hold certificates: signed by an issuer (OIDC), whose public keys are fetched."""
