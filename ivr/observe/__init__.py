"""Folds over facts: whatever the product shows, counts or keeps of a run is computed here from facts alone.

    fan        hands each fact to the observers that want it
    records    one `CallRecord` a call
    metrics    Prometheus metrics in a registry of our own
    log        structured log lines, with personal data masked
    journal    a run as lines of text, and the comparison of two runs
    audit      an independent check of the ACD's promises
    dashboards the Grafana dashboard, generated

An observer names the facts it wants in `handlers()`, a mapping from the class of a fact to a function.
"""
