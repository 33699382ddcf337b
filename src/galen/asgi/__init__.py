"""Plain ASGI: what every answer carries, whatever it is about. Nothing here knows a record or who asks."""
