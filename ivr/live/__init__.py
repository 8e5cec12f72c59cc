"""The center in real time: an aiohttp application around the engine.

    socket -> party (phone, desk) -> driver.post -> Engine.handle -> outlet -> party's outbox -> socket

Everything happens on one event loop. A message is decoded, stamped, applied and answered without an
`await` in between; speech and disk are in threads. A peer that does not read fills only its own
outbox and is dropped.
"""
