class Refused(Exception):
    """A rule said no. The message is a sentence written for whoever asked."""
