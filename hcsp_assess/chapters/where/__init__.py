"""The chapter on where: rates, hotspots, measures on maps, peers, harm, and actions on places."""
