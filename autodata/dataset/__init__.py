"""Dataset: what may leave, in which form, as immutable versions."""
