"""The kinds of tags, a module each: which bytes change, and which stay."""
