"""What a program asks with a key is done once: asked again, it gets the same answer."""
