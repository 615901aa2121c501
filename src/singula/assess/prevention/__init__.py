"""Which screening and preventive service is due, coming, stopped or replaced."""
