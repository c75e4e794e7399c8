"""The agents: each module builds one role's request and parses its reply. No network, no state.

Agents return fields; this code renders every request. No agent text becomes an instruction, a parameter or a path.
"""
