"""The planted-sabotage benchmark: simulated solvers, known truth, real journals (docs/audit.md)."""
