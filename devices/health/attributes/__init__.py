"""What cameras' update clients say of them: names and values that no report has a field for."""
