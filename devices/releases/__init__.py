"""What cameras may run: firmware images and versions of device profiles, verified and approved.

A release is kept only when it verified; a second person approves it. What each camera should run,
and whether it drifted from it, is said here; bringing it there is the rollouts' work.
"""
