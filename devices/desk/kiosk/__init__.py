"""The kiosk: an officer helps themselves to a camera with their badge.

A kiosk is a desk with nobody behind it: an identity of its own, the same judgement, and no way
round a rule. What it is asked is judged by `devices.desk.actions.scan` like at any desk.
"""
