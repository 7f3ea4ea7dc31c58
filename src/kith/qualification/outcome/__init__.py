"""How a lead is decided: qualified, nurtured, not a fit, back again, or a deal."""
