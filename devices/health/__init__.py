"""What cameras and docks last said of themselves, what they said before, and who went silent.

One current row per camera, so that no page reads history to show the present.
"""
