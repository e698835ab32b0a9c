"""How fast it is. Figures are ratios and CPU seconds of one run on one machine; nothing here is a test."""
