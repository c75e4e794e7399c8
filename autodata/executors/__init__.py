"""A run's sources worked on by several processes, on this machine or on many, with one journal.

Workers run the loop and send the calls; the process that started the run holds the journal, the limits and the budget.
A worker sends a call only after that process has said so, which it does only after it has written all that came before.
"""
