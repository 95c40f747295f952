class Refused(Exception):
    """A rule said no. The message is a sentence written for whoever asked."""


class NotNow(Refused):
    """It is not in a state in which that can be done; it may have been, a moment ago."""


class AnotherPerson(Refused):
    """It takes two people, and whoever asks was the first of them."""
