"""The desk: what a scan means, whom to give which camera, and every scan kept once.

`rules.py` is the judgement, pure; the page previews by the same rules and the server judges.
`actions.scan` takes one scan, in one transaction, and gives the same answer if it comes again.
"""
