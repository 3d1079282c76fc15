"""Who may do what, in which gallery, for which purpose: the policy, its file, quotas, and the evidence it needs."""
