"""Floor 0, the kernel: what a template, a score and a decision are. numpy only; no I/O, no gRPC."""
