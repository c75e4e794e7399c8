"""Endpoints and models: seats, the OpenAI-compatible client, the simulated server. Knows nothing about tasks."""
