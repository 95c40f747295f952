"""What `make bench` measures: every figure of docs/speed.md, against its goal.

A family of figures is a module with `figures(stage)`, which yields a Line for each; it is
named in `families.py`. Ratios are to a floor of the same run, and medians of several.
"""
