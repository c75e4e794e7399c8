"""Review: what people decide about tasks, and what their decisions say now."""
