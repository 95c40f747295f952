"""Custody by hand: on a page or by a program, judged as a desk judges, without a scan."""
