"""Flows as pictures.

sketch      a flow as boxes and arrows: states, what is said there, what leads on
lines       what a box says: its steps in a few words
layers      where boxes stand and how arrows run (layers, after Sugiyama); knows nothing of flows
order       the part of it that keeps arrows from crossing
svg         a picture to look at, light and dark
mermaid     a picture as text, for pages that draw it themselves
page        all pictures of a center on one page
"""
