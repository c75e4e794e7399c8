"""Checks that ask models: fresh answers under the auditor's own requests, blind judges, counterfactual texts.

Nothing here compares a fresh answer with a recorded one: those were selected (autodata.audit.arm).
"""
