"""Flows: compiled nodes (`model`), what expressions read (`scope`, `values`), and the interpreter that moves calls."""
