"""How the embedded server is set up: safe, small, silent about patients."""

import os
from pathlib import Path


def arguments(socket: Path, fast: bool) -> list[str]:
    """The server's settings as arguments, so that they hold for every start and are written nowhere."""
    settings = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": f'"{socket}"',
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{_shared_buffers()}MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Refused statements and their details carry what people typed: only the server's own life is logged
        "log_min_messages": "log",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
    } | dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off" if fast else "on")
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _shared_buffers() -> int:
    """Megabytes: 256, or an eighth of a machine with less than 2 GB."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return min(256, max(32, memory // 8))
