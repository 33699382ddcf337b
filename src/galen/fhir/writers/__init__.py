"""How each kind of resource becomes a record."""
