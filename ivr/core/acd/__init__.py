"""Waiting callers and ready agents: queues, agents, reservations and how they meet."""
