"""Values: money, quantities, names to search by, canonical text. Nothing here knows the database or the web."""
