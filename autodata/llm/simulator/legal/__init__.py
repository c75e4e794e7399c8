"""The agents of the legal method, simulated: extractor, writer and loop judge, known by what their prompts ask for."""
