"""The interpreter of diagrams: the only place that imports SpiffWorkflow."""
