"""Hours, not percent: how fast each camera drains and charges, learnt from its own history.

A camera begins with its model's figures and moves to its own as evidence comes; how sure a
figure is, is part of it.
"""
