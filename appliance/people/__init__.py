"""Who is enrolled, how he came in and went, and by whom he is rung."""
