"""Static detectors: what the records of one task prove or suggest, without a single model call.

Each takes a task's records and returns a `Check`. They are pure: the same records give the same findings.
"""
