"""What is kept, for how long, and where else: backups, retention, erasure, the counts that stay."""
