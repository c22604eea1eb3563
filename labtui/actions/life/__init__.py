"""A guest as a whole: clone, make a template, delete."""
