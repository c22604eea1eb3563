"""What a person changes of a guest: cores, memory, words, switches."""
