"""Seeded people and mad events under the independent auditor."""
