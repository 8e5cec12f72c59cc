"""Where records and the journal are kept: one SQLite file, one writer thread, commits in groups.

    store      the `Store`: what the driver hands over, runs, recovery after a crash
    writer     the thread that alone writes, and the queue in front of it
    reading    what others read, over connections of their own
    database   the file: schema, version, lock, and what can be wrong with it

Every commit is synced to the disk, so what was reported as committed survives `kill -9` and a power
cut; what the process had not yet committed (a few milliseconds) may be lost. Nobody waits for the
disk except the writer thread.
"""

from ivr.store.reading import Run, Stored
from ivr.store.store import Recovered, Store
from ivr.store.writer import Commit

__all__ = ["Commit", "Recovered", "Run", "Store", "Stored"]
