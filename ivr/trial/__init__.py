"""Tests of authors, run: the same scripted caller against the engine in virtual time and against a served center.

`caller` is the caller, without sockets or clocks: it is told what the line says and answers with what it
does. `virtual` puts it on a line of an engine (world and staff are made by `setting`), `live` on a phone.
`verdict` judges what came of the call from its facts, `coverage` says which parts of the flows were met,
`report` tells all of it to people and machines, and `plugin` to pytest.
"""
