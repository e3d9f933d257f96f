"""Who may log in, where he is logged in, what proves him, and which programs may ask. Never Flask."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on paper
