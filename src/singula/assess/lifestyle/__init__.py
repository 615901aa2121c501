"""How somebody lives: blood-pressure options, mood, alcohol, sleep, social needs, and what surrounds their medicines."""
