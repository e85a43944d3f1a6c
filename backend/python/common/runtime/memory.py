"""What Linux tells of this process's memory."""

import re


def usage() -> tuple[int, int]:
    """Resident bytes now and at their peak; 0 where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            text = file.read()
    except OSError:
        return 0, 0
    return _kilobytes(text, "VmRSS"), _kilobytes(text, "VmHWM")


def _kilobytes(text: str, name: str) -> int:
    match = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return 1024 * int(match[1]) if match else 0
