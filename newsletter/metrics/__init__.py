"""Figures for Prometheus: `exposition` writes them, `serving` lets them be read during a send."""
