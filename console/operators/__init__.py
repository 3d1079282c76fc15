"""Pages for operators: galleries, jobs, the fusion model, charts, services; and trying it out on this machine."""
