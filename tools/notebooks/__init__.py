"""The parts of tools/build_notebooks.py: read, execute, normalise, write, compare, adopt."""
