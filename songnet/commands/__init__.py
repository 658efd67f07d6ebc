"""The commands of `songnet`: a module each, whose `main` parses and whose room does the work."""
