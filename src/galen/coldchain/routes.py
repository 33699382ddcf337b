"""The pages and addresses of the cold chain."""

from galen.core.web import post

from .schemas import Receipt
from .service import take_readings

routes = [
    post("/readings", take_readings, json=Receipt, status=200, idempotent=False, max_mb=2),
]
