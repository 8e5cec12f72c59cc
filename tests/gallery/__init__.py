"""Famous bugs of call centers, each as a scenario named after the public issue, and how this center behaves.

The first line of a module says what goes wrong elsewhere, the rest how it is here and why. The page
`docs/reference/gallery.md` is made of them.
"""
