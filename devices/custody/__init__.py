"""Who answers for which camera: one open custody per camera, kept by the database.

Personal custody stays open for months; a shift's or a loan's ends with a return, by a scan or
by docking. Every act is an event that is never changed, and replaying them gives the present.
"""
