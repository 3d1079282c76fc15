"""Adapters: processes that speak another system's language to its callers, and gRPC to fusion like any other caller.

They have no access to a store of templates: what they may do is what the policy allows their identity.
"""
