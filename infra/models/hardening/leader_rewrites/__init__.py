"""The four parts of the rewriting of LEADER (leader.py)."""
