"""The structural equation engine, batched from the bottom."""
