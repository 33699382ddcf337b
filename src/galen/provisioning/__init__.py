"""Provisioning: which database is used, and how its roles, schemas and tables come to the present."""
