"""How a BIN is founded and stays alive: its phases, its charter, its meetings, its drills, and what needs doing."""
