"""The programs that the head-to-head (benchmarks/peers.py) starts, one for each contender, and what they share.

Modules named after a peer run in that peer's own virtual environment: of this repository they import `work` alone.
"""
