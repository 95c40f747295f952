"""The cameras' update clients: they poll the door of DDI, fetch, install and say how it went.

What is offered is read in `offers.py`, what goes wrong is drawn in `luck.py`, the bytes are counted
in `image.py`; `client.py` is one camera's client, `clients.py` all of them.
"""
