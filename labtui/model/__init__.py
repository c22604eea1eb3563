"""What a lab is: frozen structs by noun, and pure joins over them. No I/O, no clock, no widgets."""
