"""The page a served center shows: static files, nothing loaded from elsewhere."""
