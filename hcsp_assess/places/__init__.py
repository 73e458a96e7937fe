"""Where crime is recorded: rates, concentration, hotspots, displacement, peers and harm. One question, one module."""
