"""How journeys really went, against how they were meant to go: conformance, the map's figures, paths, waiting, cost."""
