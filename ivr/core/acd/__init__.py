"""Waiting callers and ready agents: queues, agents, reservations and how they meet.

`Acd` joins the parts and is what the interpreter sees of them (protocol `Queues` of the kernel):

    staff      agents signing in, pausing, wrapping up: the state of each, told as `AgentMoved`
    router     visits and reservations: matching is total after every change, so no call waits while
               an agent who may take it is ready
    talks      two parties connected: hold, hang-up, and what follows for each
    transfers  from the flow or from a desk; each failure has an outcome, and the caller is never lost
    callbacks  places kept by callers who hung up, dialled when an agent is there
"""
