"""What somebody must know and do now: one open row for each thing that is wrong.

A sweep looks at the committed facts, so whatever is lost, late or doubled, the next look
says the same. Nothing is resolved because nobody looked.
"""
