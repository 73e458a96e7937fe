"""Where: rates, concentration, hotspots, displacement, peers and harm of places: one question, one module."""
