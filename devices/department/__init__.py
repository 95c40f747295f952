"""What the department has decided: its numbers, version by version, who decided and why.

`policy.py` says what each number means and what it is until somebody decides otherwise.
"""
