"""The console: pages in the browser for people who look at review cases, and for operators.

A process of its own that keeps nothing: it calls the fusion and review services by gRPC, as any client does.
"""
